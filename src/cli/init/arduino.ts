// An Arduino sketch: the probe as a library of the sketchbook, and in setup() a stream over Serial.
import { bodyOf, codeOnly, startsStream, withCall } from "./source-code.ts";
import { endOfLine, type Change, type Plan, type ProjectFiles } from "./plan.ts";

const LIBRARY = "../libraries/memmap";

/** Serial as a transport; the names are unlikely to be the sketch's own. */
const TRANSPORT = [
  "// memmap: the stream on Serial, among whatever else is printed there.",
  "static bool memmap_write_frame(const uint8_t *bytes, size_t length, void *) {",
  "  return Serial.availableForWrite() >= (int)length && Serial.write(bytes, length) == length;",
  "}",
  "static size_t memmap_read_commands(uint8_t *bytes, size_t capacity, void *) {",
  "  size_t count = 0;",
  "  while (count < capacity && Serial.available()) bytes[count++] = (uint8_t)Serial.read();",
  "  return count;",
  "}",
];
const START = [
  "static const memmap_transport_t memmap_on_serial = {memmap_write_frame, memmap_read_commands, nullptr, false};",
  "memmap_stream_start(&memmap_on_serial); // memmap",
];

export function isSketch({ list }: ProjectFiles): boolean {
  return list("").some((name) => name.endsWith(".ino"));
}

/** @param folder the sketch's name is its folder's */
export function planArduino(files: ProjectFiles, folder: string): Plan {
  const changes: Change[] = [];
  const notes = [
    "without more, only calls through memmap's macros are tracked: for all of them put a platform.local.txt next to the core's platform.txt (docs/set-up.md).",
    "memmap needs the ESP32 core 3.1 or later.",
  ];
  if (files.read(`${LIBRARY}/library.properties`) === undefined) {
    changes.push({ kind: "copy", path: LIBRARY, why: "the probe, as a library of the sketchbook" });
  }
  const sketches = files.list("").filter((name) => name.endsWith(".ino"));
  const path = sketches.find((name) => name === `${folder}.ino`) ?? sketches[0] ?? "";
  const text = files.read(path) ?? "";
  const baud = /Serial\.begin\(\s*(\d+)/.exec(text)?.[1];
  if (bodyOf(text, "setup") === undefined)
    notes.push(`no setup() was found in ${path}: examples/arduino_serial of the library shows what to add.`);
  else if (!startsStream(text))
    changes.push({
      kind: "file",
      path,
      before: text,
      after: withSerial(text, baud),
      why: "starts the stream on Serial",
    });
  const isSketchbook = files.list("../libraries").length > 0;
  const speed = baud ?? "921600";
  const option = speed === "115200" ? "" : ` --baud ${speed}`;
  return {
    title: "an Arduino sketch",
    changes,
    notes,
    next: [
      `arduino-cli compile --upload --fqbn BOARD --port PORT${isSketchbook ? "" : " --libraries ../libraries"}`,
      `memmap record PORT${option} -o run.memmap`,
    ],
  };
}

function withSerial(text: string, baud: string | undefined): string {
  const eol = endOfLine(text);
  const begin = [
    "Serial.setTxBufferSize(2048); // memmap: a whole frame must fit",
    ...(baud === undefined ? ["Serial.begin(921600);"] : []),
  ];
  // The stream starts once Serial does: behind the sketch's own begin() where it has one.
  const called = withCall(text, "setup", [...begin, ...(baud === undefined ? START : [])], "<memmap.h>") ?? text;
  const started = baud === undefined ? called : behindBegin(called, eol);
  const include = /^[^\S\r\n]*#include <memmap\.h>[^\r\n]*/m.exec(started);
  if (include === null) return started;
  // Behind the last include, which this is.
  const at = include.index + include[0].length;
  return `${started.slice(0, at)}${eol}${eol}${TRANSPORT.join(eol)}${eol}${started.slice(at)}`;
}

/** Behind the statement that opens Serial; the one in a comment is none. */
function behindBegin(text: string, eol: string): string {
  const begin = /^([ \t]*)[^\r\n]*\bSerial\.begin\([^)]*\)\s*;/m.exec(codeOnly(text));
  if (begin === null) return text;
  const [found, indent = ""] = begin;
  const end = /$/m.exec(text.slice(begin.index + found.length))?.index ?? 0;
  const at = begin.index + found.length + end;
  const lines = START.map((line) => `${eol}${indent === "" ? "  " : indent}${line}`);
  return (
    text.slice(0, at).replace(/\r$/, "") +
    lines.join("") +
    (text.slice(0, at).endsWith("\r") ? "\r" : "") +
    text.slice(at)
  );
}
