// SPDX-License-Identifier: Apache-2.0
// LangGraph and the client of LangSmith that it brings along, switched on by the environment alone.
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { tool } from '@langchain/core/tools';
import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import * as langgraph from '@langchain/langgraph';
import { run } from '../../agent.mjs';
import { graphOf } from '../../langgraph.mjs';

await run(graphOf({ AIMessage, BaseChatModel, HumanMessage, langgraph, tool, ToolMessage }), awaitAllCallbacks);
