// SPDX-License-Identifier: Apache-2.0
// The agent in LangGraph, of whichever version the caller has loaded.
import { MODEL, QUESTION, USAGE, modelOf, say, signal, tools } from './agent.mjs';

export function graphOf({ AIMessage, BaseChatModel, HumanMessage, langgraph, tool, ToolMessage }) {
  const { END, MessagesAnnotation, START, StateGraph } = langgraph;

  class ScriptedModel extends BaseChatModel {
    constructor(agent) {
      super({});
      this.next = modelOf(agent);
    }
    _llmType() {
      return 'scripted';
    }
    getLsParams() {
      return { ls_provider: 'fake', ls_model_name: MODEL, ls_model_type: 'chat' };
    }
    async _generate() {
      const { text = '', calls = [] } = await this.next();
      const message = new AIMessage({
        content: text,
        tool_calls: calls.map(({ id, name, args }) => ({ id, name, args, type: 'tool_call' })),
        usage_metadata: {
          input_tokens: USAGE.input,
          output_tokens: USAGE.output,
          total_tokens: USAGE.input + USAGE.output,
        },
      });
      return { generations: [{ text, message }] };
    }
  }

  const schemaOf = (name) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] });
  const toolsOf = {
    search: tool(tools.search, { name: 'search', description: 'Searches.', schema: schemaOf('query') }),
    read_page: tool(tools.read_page, { name: 'read_page', description: 'Reads a page.', schema: schemaOf('url') }),
    delegate: tool(
      async ({ question }, config) => {
        say('start', 'delegate');
        const { messages } = await make('researcher').invoke({ messages: [new HumanMessage(question)] }, config);
        return messages.at(-1).content;
      },
      { name: 'delegate', description: 'Asks a researcher.', schema: schemaOf('question') },
    ),
  };

  function make(name) {
    const model = new ScriptedModel(name);
    const think = async ({ messages }, config) => ({ messages: [await model.invoke(messages, config)] });
    const use = async ({ id, name: called, args }, config) => {
      const content = await toolsOf[called].invoke(args, config).catch((error) => {
        signal.throwIfAborted();
        return `error: ${error.message}`;
      });
      return new ToolMessage({ content, tool_call_id: id, name: called });
    };
    const act = async ({ messages }, config) => ({
      messages: await Promise.all(messages.at(-1).tool_calls.map((one) => use(one, config))),
    });
    return new StateGraph(MessagesAnnotation)
      .addNode('think', think)
      .addNode('tools', act)
      .addEdge(START, 'think')
      .addConditionalEdges('think', ({ messages }) => (messages.at(-1).tool_calls?.length ? 'tools' : END))
      .addEdge('tools', 'think')
      .compile({ name });
  }

  const config = { signal, runName: 'ariadne', tags: ['live'], metadata: { thread_id: 'maze-1', user_id: 'theseus' } };
  return () => make('ariadne').invoke({ messages: [new HumanMessage(QUESTION)] }, config);
}
