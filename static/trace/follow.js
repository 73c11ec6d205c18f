// Following the end of a scrolling element: on while within 48 px of it, off as soon as the reader goes up. Shared by
// the trace and the timelines.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from '../html.js';

const near = 48;

const distanceToEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight;

// `content` (a ref) is watched for growth. Returns {following, jump, setFollowing, onScroll}.
export function useFollow(scroller, content, initially) {
  const [following, show] = useState(initially);
  const state = useRef({ following: initially, last: 0, height: 0 });

  const setFollowing = useCallback((value) => {
    state.current.following = value;
    show(value);
  }, []);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    state.current.last = element.scrollTop;
  }, []);

  const jump = useCallback(() => {
    setFollowing(true);
    toEnd();
  }, []);

  // Only a movement up is the reader's: growth moves nothing, and our own movement goes down.
  const onScroll = useCallback(() => {
    const element = scroller.current;
    const { last, height } = state.current;
    const shrank = element.scrollHeight < height;
    state.current.last = element.scrollTop;
    state.current.height = element.scrollHeight;
    if (distanceToEnd(element) <= near) {
      if (!state.current.following) setFollowing(true);
    } else if (element.scrollTop < last - 2 && !shrank && state.current.following) setFollowing(false);
  }, []);

  useEffect(() => {
    if (!content.current) return undefined;
    const observer = new ResizeObserver(() => {
      if (state.current.following) toEnd();
    });
    observer.observe(content.current);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [content.current]);

  useLayoutEffect(() => {
    if (state.current.following) toEnd();
  });

  return { following, jump, setFollowing, onScroll };
}
