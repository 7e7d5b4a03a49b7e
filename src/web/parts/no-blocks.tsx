// What stands where a view has nothing to show, because a console log tells figures and accidents and no single block.
import { formatAbout, formatBytes } from "../../base/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";

export function NoBlocks({ wanted }: { wanted: string }) {
  const store = useStore();
  const time = store.moment.value;
  const { answer: map } = useAnswer("map", { kind: "map", time, filter: "" });
  const regions = map?.regions ?? [];
  return (
    <div class="empty" data-testid="no-blocks">
      <h2>This log tells no single block</h2>
      <p>
        {wanted} needs to know each allocation and its free. What the log does tell is on the left and in the timeline
        above.
      </p>
      <p>
        Blocks are known from a recording (<code>memmap record</code>, with the probe in the firmware), from Connect
        board, and from a log in which <code>heap_trace_dump()</code> printed its records.
      </p>
      {regions.length > 0 && (
        <table class="plain">
          <caption>The regions that the log names, as it last told them before this moment</caption>
          <thead>
            <tr>
              <th>region</th>
              <th class="number">size</th>
              <th class="number">free</th>
              <th class="number">largest free block</th>
            </tr>
          </thead>
          <tbody>
            {regions.map(({ name, start, totalBytes, freeBytes, largestFreeBytes }) => (
              <tr key={start}>
                <td>{name}</td>
                <td class="number">{formatBytes(totalBytes)}</td>
                <td class="number">{formatAbout(freeBytes, formatBytes)}</td>
                <td class="number">{formatAbout(largestFreeBytes, formatBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
