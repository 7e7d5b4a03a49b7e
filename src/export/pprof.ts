// pprof's profile.proto, gzipped: allocations and what is live of each stack, with capabilities, component and method as tags.
import { gzipSync } from "fflate";
import { safeText } from "../base/safe-text.ts";
import { caveats, type Exporter } from "./export.ts";
import { ProtoWriter } from "./proto.ts";
import { activeSites, exportSites, type ExportFrame, type ExportSite } from "./stacks.ts";

// Field numbers of profile.proto.
const Profile = {
  SAMPLE_TYPE: 1,
  SAMPLE: 2,
  MAPPING: 3,
  LOCATION: 4,
  FUNCTION: 5,
  STRING_TABLE: 6,
  DURATION_NANOS: 10,
  COMMENT: 13,
  DEFAULT_SAMPLE_TYPE: 14,
} as const;

/** Go's heap profile has these four in this order, and tools know them by that. */
const values = [
  { type: "alloc_objects", unit: "count", column: "allocations" },
  { type: "alloc_space", unit: "bytes", column: "allocatedBytes" },
  { type: "inuse_objects", unit: "count", column: "liveBlocks" },
  { type: "inuse_space", unit: "bytes", column: "liveBytes" },
] as const;

export const pprof: Exporter = {
  format: "pprof",
  title: "allocated and live by stack: pprof, Pyroscope, speedscope.app",
  extension: ".pb.gz",
  isBinary: true,
  isPacked: true,
  async write(question, sink) {
    const { asked, window, filter } = question;
    const activity = await asked.model.activity(window, filter);
    const siteOf = exportSites(asked);
    const profile = new ProtoWriter();
    const strings = new Interned<string>((text) => text);
    const at = (text: string): number => strings.indexOf(text);
    at(""); // string 0 is the empty one
    for (const { type, unit } of values) {
      profile.message(Profile.SAMPLE_TYPE, new ProtoWriter().uint(1, at(type)).uint(2, at(unit)));
    }
    const functions = new Interned<ExportFrame>(({ name, file }) => `${name}\n${file}`);
    const locations = new Interned<ExportFrame>(({ name, file, line, address }) =>
      [name, file, line, address ?? ""].join("\n"),
    );
    for (const id of activeSites(activity)) {
      const site = siteOf(id);
      const sample = new ProtoWriter()
        .packed(
          1,
          site.frames.map((frame) => locations.indexOf(frame) + 1),
        )
        .packed(
          2,
          values.map(({ column }) => Math.round(activity[column][id] ?? 0)),
        );
      for (const [key, value] of tagsOf(site)) sample.message(3, new ProtoWriter().uint(1, at(key)).uint(2, at(value)));
      profile.message(Profile.SAMPLE, sample);
    }
    const boot = asked.model.tables.boots.at(-1);
    const mapping = new ProtoWriter().uint(1, 1).uint(5, at(safeText(boot?.appName ?? "application")));
    if (boot?.elfSha256 !== undefined) mapping.uint(6, at(safeText(boot.elfSha256)));
    profile.message(Profile.MAPPING, mapping.uint(7, 1).uint(8, 1).uint(9, 1));
    for (const [index, frame] of locations.all.entries()) {
      const line = new ProtoWriter().uint(1, functions.indexOf(frame) + 1).uint(2, frame.line);
      const location = new ProtoWriter().uint(1, index + 1).uint(2, 1);
      if (frame.address !== undefined) location.uint(3, frame.address);
      profile.message(Profile.LOCATION, location.message(4, line));
    }
    for (const [index, { name, file }] of functions.all.entries()) {
      const one = new ProtoWriter()
        .uint(1, index + 1)
        .uint(2, at(name))
        .uint(3, at(name))
        .uint(4, at(file));
      profile.message(Profile.FUNCTION, one);
    }
    profile.uint(Profile.DURATION_NANOS, Math.round((window.to - window.from) * 1000));
    for (const remark of await caveats(question)) profile.uint(Profile.COMMENT, at(remark));
    profile.uint(Profile.DEFAULT_SAMPLE_TYPE, at("inuse_space"));
    for (const text of strings.all) profile.string(Profile.STRING_TABLE, text);
    sink.write(gzipSync(profile.finish(), { mtime: 0 }));
  },
};

function tagsOf({ caps, component, variable, method }: ExportSite): (readonly [string, string])[] {
  const tags = [
    ["caps", caps],
    ["component", component ?? ""],
    ["variable", variable ?? ""],
    ["method", method],
  ] as const;
  return tags.filter(([, value]) => value !== "");
}

/** Numbers things in the order in which they come. */
class Interned<T> {
  readonly all: T[] = [];
  private readonly indices = new Map<string, number>();
  private readonly keyOf: (thing: T) => string;

  constructor(keyOf: (thing: T) => string) {
    this.keyOf = keyOf;
  }

  indexOf(thing: T): number {
    const key = this.keyOf(thing);
    let index = this.indices.get(key);
    if (index === undefined) {
      this.indices.set(key, (index = this.all.length));
      this.all.push(thing);
    }
    return index;
  }
}
