// A task that fetches a page every second or so. With `leaks`, the path for an unchanged page (HTTP 304) forgets the response.
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, site } from "../task.ts";

const FILE = "main/http_client.c";
const URL = site(FILE, 88, "fetch_page", "url");
const REQUEST = site(FILE, 97, "fetch_page", "request");
export const RESPONSE = site(FILE, 104, "fetch_page", "response");
const GROW = site(FILE, 121, "read_body", "response");
const HEADER = site(FILE, 61, "parse_headers", "header");
const FREE_HEADER = site(FILE, 74, "free_headers", "header");
const FREE_RESPONSE = site(FILE, 143, "fetch_page", "response");
const FREE_REQUEST = site(FILE, 147, "fetch_page", "request");
const FREE_URL = site(FILE, 148, "fetch_page", "url");

const PATHS = ["/api/v1/status", "/api/v1/weather", "/api/v1/config", "/firmware/latest.json"] as const;

export function startHttpClient(board: Board, { leaks }: { readonly leaks: boolean }): void {
  const { random } = board;
  board.start("http_client", { core: 1, stack: 6144 }, function* (t) {
    yield milliseconds(700);
    for (;;) {
      const path = random.pick(PATHS);
      const url = t.malloc(24 + path.length, { at: URL, caps: Cap["8BIT"] });
      const request = t.malloc(random.integer(180, 260), { at: REQUEST, caps: Cap["8BIT"] });
      t.write(url, `http://example.com${path}\0`);
      yield milliseconds(random.integer(30, 120));
      let response = t.malloc(512, { at: RESPONSE, caps: Cap["8BIT"] });
      const headers = Array.from({ length: random.integer(4, 9) }, () =>
        t.malloc(random.integer(20, 90), { at: HEADER, caps: Cap["8BIT"] }),
      );
      const unchanged = random.chance(0.3);
      const status = unchanged ? 304 : 200;
      for (let length = 1024, end = random.integer(600, 2600); !unchanged && length < end + 512; length += 512) {
        response = t.realloc(response, length, { at: GROW, caps: Cap["8BIT"] }) || response;
        yield milliseconds(random.integer(2, 15));
      }
      t.log("I", "http_client", `GET ${path} ${status}`);
      for (const header of headers) t.free(header, { at: FREE_HEADER });
      if (!unchanged || !leaks) t.free(response, { at: FREE_RESPONSE });
      t.free(request, { at: FREE_REQUEST });
      t.free(url, { at: FREE_URL });
      yield milliseconds(random.integer(700, 1500));
    }
  });
}
