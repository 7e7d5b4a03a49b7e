// The board's text beside the events: in step with the range, searchable; a click on a line goes to its moment.
import { formatCount } from "../../base/format.ts";
import { formatClock } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { Rows } from "./rows.tsx";

const LINES_KEPT = 20_000;

export function LogPanel() {
  const store = useStore();
  const { page, window: range } = store;
  const { search } = page.value;
  const { span, isBlind } = store.engine.state.value ?? { span: range.value, isBlind: false };
  // A log that was imported tells its times, if any, within its lines; findings name its lines by number.
  const window = isBlind ? span : range.value;
  const { answer: log } = useAnswer("log", { kind: "log", window, search, limit: LINES_KEPT });
  return (
    <>
      <div class="bar">
        <span>
          {log === undefined ? "Reading…" : <strong>{formatCount(log.text.length)} lines</strong>}
          {search !== "" && " with these words"}
          {log !== undefined &&
            log.omittedLines > 0 &&
            `; ${formatCount(log.omittedLines)} earlier ones are not listed`}
        </span>
        <input
          type="search"
          class="right"
          placeholder="search the log"
          aria-label="Search the log"
          value={search}
          onInput={(event) => store.look({ search: event.currentTarget.value }, false)}
        />
      </div>
      {log !== undefined && !log.hasText ? (
        <div class="empty">
          <h2>No text of the board in this range</h2>
          <p>What a board prints on the same line as its frames is kept with the recording and stands here.</p>
        </div>
      ) : (
        <Rows
          total={log?.text.length ?? 0}
          height={20}
          role="region"
          label="The board's log"
          follow={store.following.value}
        >
          {(row) => {
            const text = log?.text[row] ?? "";
            const time = log?.time[row] ?? 0;
            return (
              <div class="log-line">
                {isBlind ? (
                  <span class="number">{log?.line[row]}</span>
                ) : (
                  <time>
                    <button
                      type="button"
                      onClick={() => store.look({ at: time })}
                      aria-label={`Go to ${formatClock(time)}`}
                    >
                      {formatClock(time)}
                    </button>
                  </time>
                )}
                <span class={/^E \(/.test(text) || text.startsWith("Guru") ? "err" : /^W \(/.test(text) ? "warn" : ""}>
                  <Found text={text} search={search} />
                </span>
              </div>
            );
          }}
        </Rows>
      )}
    </>
  );
}

function Found({ text, search }: { text: string; search: string }) {
  const at = search === "" ? -1 : text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + search.length)}</mark>
      {text.slice(at + search.length)}
    </>
  );
}
