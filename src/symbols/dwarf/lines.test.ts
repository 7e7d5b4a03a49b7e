// Line tables of all versions and widths, encoded at random from rows that are known, against looking through these rows one by one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CODE,
  CODE_SIZE,
  formats,
  op,
  u64,
  usualShape,
  type Bytes,
  type LineShape,
} from "../../../test/symbols/made-dwarf.ts";
import { readLines, rowsOf } from "../../../test/symbols/read-lines.ts";
import { forEachCovered, LineScratch, readLineTable, rowAt } from "./lines.ts";

interface Row {
  readonly address: number;
  readonly line: number;
  readonly file: number;
  readonly column: number;
}

interface Sequence {
  readonly rows: readonly Row[];
  readonly end: number;
}

/** Opcodes that lead from row to row, by one of the ways there are: which one, `choice` says. */
function encode(sequences: readonly Sequence[], shape: LineShape, choice: () => number): Bytes {
  const { minInstructionLength, lineBase, lineRange, opcodeBase } = shape;
  const program: number[] = [];
  const special = (by: number, lines: number): number | undefined => {
    const opcode = lines - lineBase + lineRange * (by / minInstructionLength) + opcodeBase;
    const fits = by >= 0 && lines >= lineBase && lines < lineBase + lineRange && opcode >= opcodeBase && opcode <= 255;
    return fits ? opcode : undefined;
  };
  for (const { rows, end } of sequences) {
    let now: Row = { address: 0, line: 1, file: 1, column: 0 };
    const move = (address: number): void => {
      const by = address - now.address;
      const way = choice() % 3;
      if (by >= 0 && by < 0x8000 && way === 0) program.push(...op.advancePc(by / minInstructionLength));
      else if (by >= 0 && by < 0x8000 && way === 1) program.push(...op.fixedAdvancePc(by));
      else program.push(...op.setAddress(address));
    };
    for (const row of rows) {
      if (row.file !== now.file) program.push(...op.setFile(row.file));
      if (row.column !== now.column) program.push(...op.setColumn(row.column));
      const constant = Math.floor((255 - opcodeBase) / lineRange) * minInstructionLength;
      const by = row.address - now.address;
      const [plain, after] = [special(by, row.line - now.line), special(by - constant, row.line - now.line)];
      const way = choice() % 3;
      if (plain !== undefined && way === 0) program.push(plain);
      else if (after !== undefined && way === 1) program.push(...op.constAddPc, after);
      else {
        move(row.address);
        if (row.line !== now.line) program.push(...op.advanceLine(row.line - now.line));
        program.push(...op.copy);
      }
      now = row;
    }
    move(end);
    program.push(...op.endSequence);
  }
  return program;
}

/** What has an address: the first sequence, by its start and then the longest, that holds it; in there the last row at or before it. */
function expectedAt(sequences: readonly Sequence[], address: number): Row | undefined {
  const whole = sequences
    .map(({ rows, end }) => ({ rows: [...rows].sort((a, b) => a.address - b.address), end }))
    .map(({ rows, end }) => ({ rows, end, low: rows[0]?.address ?? end, last: rows.at(-1)?.address ?? end }))
    .filter(({ low, last, end }) => low >= CODE && end > low && last <= end)
    .sort((a, b) => a.low - b.low || b.end - a.end);
  return whole.find(({ low, end }) => address >= low && address < end)?.rows.findLast((row) => row.address <= address);
}

/** Addresses are few, so that much begins, ends and lies at the same one. */
const SPAN = 24;

const randomSequence = (step: number): fc.Arbitrary<Sequence> => {
  const address = fc.nat(SPAN).map((at) => CODE + at * step);
  const row = fc.record({
    address,
    line: fc.oneof(fc.nat(30), fc.nat(100_000)),
    file: fc.integer({ min: 1, max: 3 }),
    column: fc.nat(300),
  });
  const isSorted = fc.integer({ min: 0, max: 3 }).map((one) => one > 0);
  return fc
    .record({ rows: fc.array(row, { maxLength: 6 }), end: address, isSorted, isEnded: isSorted })
    .map(({ rows, end, isSorted: sorts, isEnded }) => {
      const inOrder = sorts ? [...rows].sort((a, b) => a.address - b.address) : rows;
      const last = Math.max(...rows.map((one) => one.address), end);
      return { rows: inOrder, end: isEnded ? last : end };
    });
};

const randomShape = fc
  .record({
    format: fc.constantFrom(...formats),
    minInstructionLength: fc.constantFrom(1, 2, 3),
    lineBase: fc.integer({ min: -10, max: 0 }),
    lineRange: fc.integer({ min: 1, max: 30 }),
    opcodeBase: fc.integer({ min: 10, max: 15 }),
  })
  .map(({ format, ...parameters }) => ({ ...usualShape, ...format, ...parameters }));

test("each address has its row, however the rows are written", () => {
  const program = randomShape.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      sequences: fc.array(randomSequence(shape.minInstructionLength), { maxLength: 5 }),
      choices: fc.infiniteStream(fc.nat(5)),
    }),
  );
  fc.assert(
    fc.property(program, ({ shape, sequences, choices }) => {
      const { table, dwarf } = readLines(
        shape,
        encode(sequences, shape, () => choices.next().value as number),
      );
      expect(dwarf.problems.list()).toEqual([]);
      if (table === undefined) throw new Error("the table was made");
      const runs: [number, number][] = [];
      for (let address = CODE - 1; address <= CODE + (SPAN + 1) * shape.minInstructionLength; address++) {
        const at = rowAt(table, address);
        const { line, file, column } = expectedAt(sequences, address) ?? {};
        expect([address, table.lines[at], table.fileNumbers[at], table.columns[at]]).toEqual([
          address,
          line,
          file,
          column,
        ]);
        if (line === undefined) continue;
        const run = runs.at(-1);
        if (run?.[1] === address) run[1] = address + 1;
        else runs.push([address, address + 1]);
      }
      const covered: [number, number][] = [];
      forEachCovered(table, (low, high) => covered.push([low, high]));
      expect(covered).toEqual(runs);
      expect([...table.addresses]).toEqual([...new Set(table.addresses)].sort((a, b) => a - b));
    }),
    { numRuns: 150 },
  );
});

test("a table of many rows, read behind one of few", () => {
  const rows = Array.from({ length: 9000 }, (_, i) => ({
    address: CODE + i,
    line: i + 1,
    file: 1 + (i % 7),
    column: i % 90,
  }));
  const program = encode([{ rows, end: CODE + 9000 }], usualShape, () => 0);
  const { table, dwarf, unit } = readLines(usualShape, program);
  expect(rowsOf(table)).toEqual([
    ...rows.map(({ address, line, file, column }) => [address - CODE, line, file, column]),
    [9000],
  ]);
  expect([table?.lines.at(-1), table?.columns.at(-1)]).toEqual([0, 0]);
  const few = readLines(usualShape, [...op.setAddress(CODE), 1, ...op.advancePc(2), ...op.endSequence]);
  const scratch = new LineScratch();
  expect(readLineTable(dwarf, unit, scratch)?.addresses.length).toBe(9001);
  expect(readLineTable(few.dwarf, few.unit, scratch)).toEqual(few.table);
});

describe("opcodes", () => {
  const at = (program: Bytes, shape = usualShape): unknown =>
    rowsOf(readLines(shape, [...op.setAddress(CODE), ...program, ...op.endSequence]).table);

  test.each([
    ["negate_stmt and set_basic_block say nothing of addresses", [6, 7, 1, ...op.advancePc(2)], [[0, 1, 1, 0], [2]]],
    [
      "nor do set_prologue_end, set_epilogue_begin and set_isa",
      [10, 11, 12, 0x81, 1, 1, ...op.advancePc(2)],
      [[0, 1, 1, 0], [2]],
    ],
    [
      "one that nobody knows is passed over",
      [...op.extended(0x80, [9, 9]), 1, ...op.advancePc(2)],
      [[0, 1, 1, 0], [2]],
    ],
    [
      "what lies behind an operand is passed over",
      [...op.extended(4, [7]), 1, ...op.advancePc(2)],
      [[0, 1, 1, 0], [2]],
    ],
    ["an address of 64 bits", [...op.extended(2, [...u64(CODE + 8)]), 1, ...op.advancePc(2)], [[8, 1, 1, 0], [10]]],
    ["an address of 16 bits is none of code", [...op.extended(2, [1, 2]), 1, ...op.advancePc(2)], []],
    [
      "addresses wrap",
      [...op.advancePc(0xffff_ffff), ...op.fixedAdvancePc(5), 1, ...op.advancePc(2)],
      [[4, 1, 1, 0], [6]],
    ],
    [
      "lines go back",
      [...op.advanceLine(99), 1, ...op.advancePc(2), ...op.advanceLine(-50), 1, ...op.advancePc(1)],
      [[0, 100, 1, 0], [2, 50, 1, 0], [3]],
    ],
    [
      "a file of 65535 or more is the last that can be told",
      [...op.setFile(70_000), 1, ...op.advancePc(1)],
      [[0, 1, 65534, 0], [1]],
    ],
  ] as const)("%s", (_, program, rows) => {
    expect(at(program)).toEqual(rows);
  });

  test("those above the known ones have as many operands as the header says", () => {
    const shape = { ...usualShape, opcodeBase: 15 };
    expect(at([13, 0x81, 1, 0x82, 2, 14, 1, 2, 0x83, 3, 1, ...op.advancePc(2)], shape)).toEqual([[0, 1, 1, 0], [2]]);
  });

  test("with fewer than nine standard opcodes the rest is special", () => {
    // 4 is the first special one: no address, and the smallest step of lines.
    const shape = { ...usualShape, opcodeBase: 4, lineBase: 0, lineRange: 10 };
    expect(at([4, 9, 14, 4 + 10 + 3, 2, 5], shape)).toEqual([[0, 6, 1, 0], [1, 6, 1, 0], [2, 9, 1, 0], [7]]);
  });

  test("const_add_pc moves as far as the last special opcode", () => {
    expect(at([8, 1, 2, 1], { ...usualShape, lineRange: 9 })).toEqual([[26, 1, 1, 0], [27]]);
    expect(at([8, 1, 2, 1], { ...usualShape, lineRange: 11 })).toEqual([[22, 1, 1, 0], [23]]);
  });

  test("a range of lines of 0 is taken for 1", () => {
    expect(at([13, 14, 2, 2], { ...usualShape, lineBase: 1, lineRange: 0 })).toEqual([[0, 2, 1, 0], [1, 3, 1, 0], [3]]);
  });

  test.each([4, 5])("version %i: several operations make one instruction", (version) => {
    const shape = { ...usualShape, version, minInstructionLength: 4, maxOperations: 3, lineBase: 0, lineRange: 1 };
    // 1, 3, 4, 5 and 10 operations from the start: a third of that in whole instructions.
    const steps = [1, 2, 1, 1, 5];
    let operations = 0;
    const expected = new Map<number, number>();
    for (const [i, by] of steps.entries()) expected.set(4 * Math.floor((operations += by) / 3), i + 2);
    const program = steps.flatMap((by) => [...op.advancePc(by), ...op.advanceLine(1), ...op.copy]);
    const rows = [...expected].map(([address, line]) => [address, line, 1, 0]);
    expect(at([...program, ...op.advancePc(2)], shape)).toEqual([...rows, [16]]);
    // Another address begins an instruction.
    for (const anew of [op.setAddress(CODE + 8), op.fixedAdvancePc(8)])
      expect(at([...op.advancePc(2), ...anew, ...op.advancePc(2), 1, ...op.advancePc(1)], shape)).toEqual([
        [8, 1, 1, 0],
        [12],
      ]);
    expect(
      at(
        [
          ...op.advancePc(2),
          1,
          ...op.advancePc(1),
          ...op.endSequence,
          ...op.setAddress(CODE + 8),
          ...op.advancePc(2),
          1,
          ...op.advancePc(1),
        ],
        shape,
      ),
    ).toEqual([[0, 1, 1, 0], [4], [8, 1, 1, 0], [12]]);
  });

  test("0 operations in an instruction are taken for 1", () => {
    expect(at([1, 2, 6], { ...usualShape, maxOperations: 0 })).toEqual([[0, 1, 1, 0], [6]]);
  });
});

test("code that the linker removed, at address 0, has no rows", () => {
  const sequence = (address: number): Bytes => [...op.setAddress(address), 1, ...op.advancePc(8), ...op.endSequence];
  const program = [0, 1, CODE - 1, CODE, CODE + CODE_SIZE].flatMap(sequence);
  expect(rowsOf(readLines(usualShape, program).table)).toEqual([[0, 1, 1, 0], [8]]);
});

test("what a program that is cut has ended before is kept", () => {
  const program = [
    ...op.setAddress(CODE),
    1,
    ...op.advancePc(8),
    ...op.endSequence,
    ...op.setAddress(CODE + 8),
    1,
    2,
    0x80,
  ];
  const { table, dwarf } = readLines(usualShape, program);
  expect(rowsOf(table)).toEqual([[0, 1, 1, 0], [8]]);
  expect(dwarf.problems.list()).toEqual([{ code: "dwarf-line", message: "a line table is cut", count: 1 }]);
});
