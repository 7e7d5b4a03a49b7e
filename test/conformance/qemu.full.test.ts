// The conformance suite on machine code: RV32IMC in QEMU, streaming over its UART.
import { describe } from "vitest";
import { qemuProgram, QEMU_COMMANDS, runInQemu } from "../qemu.ts";
import { missingCommands } from "../toolchain.ts";
import { defineConformance } from "./behaviours.ts";

const missing = missingCommands(...QEMU_COMMANDS);
const name = missing.length === 0 ? "RV32 in QEMU" : `RV32 in QEMU (needs ${missing.join(", ")})`;

describe.skipIf(missing.length > 0)(name, () => {
  defineConformance({ name: "QEMU", open: () => runInQemu(qemuProgram()) });
});
