// Faults and failed allocations as stories: the life of one block on a line, the bytes that stood there, who lay beside it, what would have made
// room.
import { greatest } from "../../base/values.ts";
import { formatAbout, formatAddress, formatBytes, formatTime } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import type { BlockView } from "../../report/site-view.ts";
import type { FailureStory, FaultStory } from "../../report/story-view.ts";
import { formatClock } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { goToProof } from "./findings.tsx";

export function FaultsView() {
  return <StoriesView kind="faults" />;
}

export function FailuresView() {
  return <StoriesView kind="failures" />;
}

function StoriesView({ kind }: { kind: "faults" | "failures" }) {
  const store = useStore();
  const { answer } = useAnswer("stories", { kind: "stories", window: store.window.value }, { every: 1500 });
  if (answer === undefined) return <p class="empty">Reading what happened…</p>;
  const omitted = kind === "faults" ? answer.omittedFaults : answer.omittedFailures;
  const stories = answer[kind];
  const told = (store.verdict.value?.findings ?? []).filter(({ group, log }) => group === kind && log !== undefined);
  if (stories.length === 0) {
    if (told.length > 0) {
      return (
        <div class="empty">
          <h2>Told by the log</h2>
          {told.map((finding) => (
            <p key={finding.number}>
              {finding.title}{" "}
              <button type="button" class="show-me" onClick={() => goToProof(store, finding)}>
                line {finding.log?.line}
              </button>
            </p>
          ))}
        </div>
      );
    }
    return kind === "faults" ? (
      <div class="empty">
        <h2>No fault of the heap was reported in this range</h2>
        <p>
          The probe looks for double frees, invalid frees, writes past a block's end, before its start and after its
          free. Red zones and a quarantine (menuconfig, memmap) let it see more of them.
        </p>
      </div>
    ) : (
      <div class="empty">
        <h2>No allocation failed in this range</h2>
        <p>
          {store.engine.state.value?.isBlind === true
            ? "The log says of no request that it was refused."
            : "Every request that the probe saw was served."}
        </p>
      </div>
    );
  }
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={kind === "faults" ? "Faults" : "Failed allocations"}>
      <div class="stories">
        {stories.map((story) =>
          story.kind === "fault" ? (
            <Fault key={`${story.time}${story.block.address}${story.title}`} story={story} />
          ) : (
            <FailedAllocation key={`${story.time}${story.site?.text ?? ""}`} story={story} />
          ),
        )}
        {omitted > 0 && <p class="muted">{omitted} more: choose a shorter range to see them.</p>}
      </div>
    </div>
  );
}

function Fault({ story }: { story: FaultStory }) {
  const store = useStore();
  const { block } = story;
  return (
    <article class="story">
      <h3>
        <span class="error">{story.title}</span> · {formatBytes(block.size)} from <code>{block.site.text}</code>
      </h3>
      <p class="muted">
        block <code>{formatAddress(block.address)}</code>
        {story.pointer !== undefined && (
          <>
            , pointer <code>{formatAddress(story.pointer)}</code>
          </>
        )}
        , at{" "}
        <button type="button" class="show-me" onClick={() => store.look({ view: "map", at: story.time })}>
          {formatClock(story.time)}
        </button>
      </p>
      <LifeLine story={story} />
      {story.overwritten !== undefined && <Bytes overwritten={story.overwritten} blockSize={block.size} />}
      {(story.before !== undefined || story.after !== undefined) && (
        <>
          <p class="muted">In memory then:</p>
          <div class="neighbours">
            {story.before !== undefined && <Neighbour block={story.before} />}
            {story.before !== undefined && <Between bytes={block.address - story.before.address - story.before.size} />}
            <div class="own">
              <strong>{formatBytes(block.size)}</strong> the block itself
              <br />
              <code>{formatAddress(block.address)}</code>
            </div>
            {story.after !== undefined && <Between bytes={story.after.address - block.address - block.size} />}
            {story.after !== undefined && <Neighbour block={story.after} />}
          </div>
        </>
      )}
    </article>
  );
}

/** Headers, red zones and rounding lie between any two blocks. */
const BESIDE_BYTES = 64;

function Between({ bytes }: { bytes: number }) {
  return bytes <= BESIDE_BYTES ? undefined : <span class="between muted">{formatBytes(bytes)} apart</span>;
}

function Neighbour({ block }: { block: BlockView }) {
  return (
    <div class="cut" title={block.site.text}>
      <strong>{formatBytes(block.size)}</strong> <code>{block.site.text}</code>
      <br />
      <code>{formatAddress(block.address)}</code>
      {block.task !== undefined && <> · {block.task}</>}
    </div>
  );
}

/** Stations at equal distances, in order: their times may lie microseconds or hours apart, and are written beside them. */
function LifeLine({ story }: { story: FaultStory }) {
  const { stations } = story;
  const place = (i: number): number => (stations.length < 2 ? 0 : (i / (stations.length - 1)) * 76);
  const born = stations.findIndex(({ role }) => role === "allocated");
  const freed = stations.findIndex(({ role }) => role === "freed");
  const lifeEnd = freed >= 0 ? freed : stations.length - 1;
  return (
    <div class="story-line">
      {born >= 0 && <i class="life" style={{ left: `${place(born)}%`, width: `${place(lifeEnd) - place(born)}%` }} />}
      {stations.map(({ role, time, site, task }, i) => {
        const before = stations[i - 1]?.time;
        const isBad = i === stations.length - 1 || role === "freed again";
        return (
          <div
            key={role + String(i)}
            class={`station${isBad ? " bad" : ""}`}
            style={{
              left: `${place(i)}%`,
              maxWidth: `${stations.length < 2 ? 100 : i === stations.length - 1 ? 24 : 76 / (stations.length - 1) - 1}%`,
            }}
          >
            <strong>{role}</strong>{" "}
            {time !== undefined && (
              <span class="muted">
                {formatClock(time)}
                {before !== undefined && time > before && ` (+${formatTime(time - before)})`}
              </span>
            )}
            <div class="muted cut">
              {site !== undefined && <code title={site.text}>{site.text}</code>}
              {task !== undefined && <> {task}</>}
            </div>
          </div>
        );
      })}
    </div>
  );
}

const BYTES_SHOWN = 48;

function Bytes({
  overwritten: { offset, size, content },
  blockSize,
}: {
  overwritten: NonNullable<FaultStory["overwritten"]>;
  blockSize: number;
}) {
  const shown = Array.from(content.subarray(0, BYTES_SHOWN));
  const words = Math.floor(shown.length / 4);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const where =
    offset === blockSize
      ? "directly behind its end"
      : offset > blockSize
        ? `${offset - blockSize} B behind its end`
        : offset < 0
          ? `${-offset} B before its start`
          : `at offset ${offset}`;
  return (
    <div class="bytes">
      <p class="muted">
        {formatBytes(size)} written {where}
        {content.length > BYTES_SHOWN && `, the first ${BYTES_SHOWN} of ${content.length} that were kept`}:
      </p>
      <table>
        <tbody>
          <tr>
            <th scope="row">hex</th>
            {shown.map((byte, i) => (
              <td key={i} class={i < size ? "damaged" : ""}>
                {byte.toString(16).padStart(2, "0")}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">text</th>
            {shown.map((byte, i) => (
              <td key={i}>{byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·"}</td>
            ))}
          </tr>
          {words > 0 && (
            <tr>
              <th scope="row">numbers</th>
              {Array.from({ length: words }, (_, i) => {
                const word = view.getUint32(i * 4, true);
                return (
                  <td key={i} colSpan={4} title={formatAddress(word)}>
                    {word > 0x1000_0000 ? formatAddress(word) : word}
                  </td>
                );
              })}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function FailedAllocation({ story }: { story: FailureStory }) {
  const store = useStore();
  const widest = greatest(
    story.regions.map(({ totalBytes }) => totalBytes),
    1,
  );
  return (
    <article class="story">
      <h3>
        <span class="error">{formatBytes(story.size)}</span>
        {story.caps !== "" && ` with ${story.caps}`} could not be allocated: {story.cause}
      </h3>
      <p class="muted">
        {story.site !== undefined && <code>{story.site.text}</code>}
        {story.task !== undefined && <>, task {story.task}</>}, at{" "}
        <button type="button" class="show-me" onClick={() => store.look({ view: "map", at: story.time, makers: true })}>
          {formatClock(story.time)}: the map then
        </button>
      </p>
      <table class="plain" style={{ margin: "10px 0", maxWidth: "760px" }}>
        <thead>
          <tr>
            <th scope="col">regions that could have served</th>
            <th scope="col" class="number">
              size
            </th>
            <th scope="col" class="number">
              free
            </th>
            <th scope="col" class="number">
              largest
            </th>
            <th scope="col" style={{ width: "38%" }}>
              <span class="hidden">picture</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {story.regions.map(({ name, totalBytes, freeBytes, largestFreeBytes }) => (
            <tr key={name}>
              <td>{name}</td>
              <td class="number">{formatBytes(totalBytes)}</td>
              <td class="number">{formatAbout(freeBytes, formatBytes)}</td>
              <td class={`number ${likely(largestFreeBytes) < story.size ? "error" : ""}`}>
                {formatAbout(largestFreeBytes, formatBytes)}
              </td>
              <td>
                <svg width="100%" height="14" aria-hidden="true">
                  <rect width={`${(totalBytes / widest) * 100}%`} height="14" fill="var(--map-row)" />
                  <rect width={`${(likely(freeBytes) / widest) * 100}%`} height="14" fill="var(--amber-fill)" />
                  <rect width={`${(likely(largestFreeBytes) / widest) * 100}%`} height="14" fill="var(--amber)" />
                  <line
                    x1={`${Math.min(100, (story.size / widest) * 100)}%`}
                    x2={`${Math.min(100, (story.size / widest) * 100)}%`}
                    y1="0"
                    y2="14"
                    stroke="var(--error)"
                    stroke-width="2"
                  />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {story.freeElsewhereBytes > 0 && (
        <p class="muted">
          {formatBytes(story.freeElsewhereBytes)} were free in regions that these capabilities do not allow.
        </p>
      )}
      {story.room !== undefined && (
        <>
          <p>
            Without these {story.room.blocks.length} blocks it would have fitted: {formatBytes(story.room.holeBytes)} in
            one piece in {story.room.region}.
          </p>
          <ul>
            {story.room.blocks.map((block) => (
              <li key={block.address}>
                <code>{formatAddress(block.address)}</code> {formatBytes(block.size)} <code>{block.site.text}</code>
                {block.task !== undefined && <span class="muted"> {block.task}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
    </article>
  );
}
