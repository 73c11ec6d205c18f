// SPDX-License-Identifier: Apache-2.0
#include "relay/peers.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"

static bool may_enter(const struct relay *relay, int fd)
{
    struct ucred user;
    socklen_t n = sizeof user;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &n) == 0 && user.uid == relay->programs;
}

// A place among the links, or FOLLOWED_LINKS_MAX if there is none.
static unsigned free_link(const struct relay *relay)
{
    unsigned link = 0;
    while (link < FOLLOWED_LINKS_MAX && relay->links[link])
        link++;
    return link;
}

static void enter(struct relay *relay, enum peer_kind kind, int fd)
{
    struct peer *peer = mem_zero(sizeof *peer);
    peer->watch = (struct watch){WATCH_PEER, fd};
    peer->kind = kind;
    peer->link = kind == PEER_LINK ? free_link(relay) : 0;
    if (peer->link == FOLLOWED_LINKS_MAX || watch_add(relay->epoll, &peer->watch, EPOLLIN)) {
        log_error("cannot serve another %s", kind == PEER_LINK ? "pusher" : "writer");
        (void)close(fd);
        free(peer);
        return;
    }
    if (kind == PEER_LINK)
        relay->links[peer->link] = peer;
    list_join(&relay->peers, &peer->all);
}

void peers_accept(struct relay *relay, struct listener *listener, enum peer_kind kind)
{
    for (int i = 0; i < LISTENER_ACCEPTS_A_TURN; i++) {
        int fd = listener_accept(listener);
        if (fd < 0)
            return;
        if (may_enter(relay, fd)) {
            enter(relay, kind, fd);
            continue;
        }
        if (relay->counters.strangers++ == 0)
            log_warning("a program of another user has called; it is refused, and so is every further one");
        (void)close(fd);
    }
}

void peers_close(struct relay *relay, struct peer *peer)
{
    if (peer->kind == PEER_LINK)
        relay->links[peer->link] = NULL;
    list_leave(&peer->all);
    (void)close(peer->watch.fd);
    buf_fini(&peer->request);
    free(peer);
}

uint64_t peers_send(struct relay *relay, uint64_t links, struct str message)
{
    uint64_t took = 0;
    for (unsigned i = 0; i < FOLLOWED_LINKS_MAX; i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (links & bit && relay->links[i] &&
            send(relay->links[i]->watch.fd, message.p, message.n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            took |= bit;
    }
    return took;
}

uint64_t peers_links(const struct relay *relay)
{
    uint64_t links = 0;
    for (unsigned i = 0; i < FOLLOWED_LINKS_MAX; i++)
        links |= (uint64_t)(relay->links[i] != NULL) << i;
    return links;
}
