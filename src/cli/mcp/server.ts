// The Model Context Protocol on standard input and output: the tools, and a resource for each detector and each rule.
import {
  CLIENT_CAPABILITIES_META_KEY,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { MemmapError } from "../../base/errors.ts";
import { detectors } from "../../detect/detectors.ts";
import { explain, GUIDE, pageText, rulePages } from "../guide.ts";
import { fit } from "./answer.ts";
import type { Arguments } from "./tool.ts";
import { tools } from "./tools.ts";

export function serve(version: string, mayRecord: boolean): void {
  serveStdio(() => makeServer(version, mayRecord));
}

function makeServer(version: string, mayRecord: boolean): McpServer {
  const server = new McpServer(
    { name: "memmap", version, title: "memmap, the memory debugger for ESP-IDF firmware" },
    {
      instructions:
        "Ask heap_verdict first, then heap_finding for the evidence. Cite ids (F2, fingerprints), file:line and block addresses; do not conclude more than the lines on trust allow. The resource memmap://guide says how to hunt.",
    },
  );
  for (const tool of tools) {
    const inputSchema = fromJsonSchema<Arguments>({
      type: "object",
      properties: tool.properties,
      required: [...tool.required],
      additionalProperties: false,
    });
    const { name, title, description } = tool;
    const annotations = { readOnlyHint: tool.acts !== true, destructiveHint: false, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema, annotations }, async (args, context) => {
      try {
        const approval = { approved: approvalOf(context), canAsk: canAsk(server, context), mayRecord };
        const { signal } = context.mcpReq;
        const answer = await tool.answer(args, { signal, ...approval });
        if (typeof answer === "string") return { content: [{ type: "text" as const, text: answer }] };
        const question = { message: answer.ask, requestedSchema: approvalForm };
        return inputRequired({ inputRequests: { [APPROVAL]: inputRequired.elicit(question) } });
      } catch (error) {
        if (!(error instanceof MemmapError)) throw error;
        const text = fit([`error: ${error.message}`, `hint: ${error.hint}`], "`memmap --help`");
        return { content: [{ type: "text" as const, text }], isError: true };
      }
    });
  }
  const page = (name: string, uri: string, title: string, text: () => string): void => {
    server.registerResource(name, uri, { title, mimeType: "text/markdown" }, () =>
      Promise.resolve({ contents: [{ uri, mimeType: "text/markdown", text: text() }] }),
    );
  };
  page("guide", "memmap://guide", "How to hunt with memmap", () => GUIDE);
  for (const { name, rules, page: own } of detectors) {
    const words = Object.keys(rules).join(", ");
    page(name, `memmap://detectors/${name}`, `The detector ${name}: ${words}`, () => pageText(own));
  }
  for (const rule of rulePages().keys()) {
    page(`rule ${rule}`, `memmap://rules/${rule}`, `What ${rule} means, and when it is wrong`, () => explain(rule));
  }
  return server;
}

const APPROVAL = "approval";
const approvalForm = {
  type: "object" as const,
  properties: { open: { type: "boolean" as const, title: "Open it" } },
  required: ["open"],
};

/** What the person said; undefined where nobody has asked yet. */
function approvalOf({ mcpReq }: ServerContext): boolean | undefined {
  const response = inputResponse(mcpReq.inputResponses, APPROVAL);
  if (response.kind !== "elicit") return undefined;
  return response.action === "accept" && response.content?.["open"] === true;
}

/** Whether the agent's program can put a question to its person: told with each request, by older ones when they connect. */
function canAsk(server: McpServer, { mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = { ...mcpReq.envelope };
  const told = envelope[CLIENT_CAPABILITIES_META_KEY] as { readonly elicitation?: object } | undefined;
  const capabilities = told ?? server.server.getClientCapabilities();
  return capabilities?.elicitation !== undefined;
}
