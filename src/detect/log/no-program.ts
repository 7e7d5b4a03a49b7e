// Starts that end before any program: the ROM or the bootloader finds none in the flash.

import type { RunIncident } from "../../heap/run-records.ts";
import { quoteOf } from "./places.ts";
import type { Reading } from "./reading.ts";

const FLASH_ALL =
  "Flash all of it again (`idf.py erase-flash flash`, or all addresses that the build names); where that helps for a while only, look at the flash's wiring and supply";

/** What it says, and what that means; of several the first. */
const MEANS: readonly { readonly says: RegExp; readonly means: string; readonly next?: string }[] = [
  {
    says: /secure[_ ]?boot|signature|untrusted key/i,
    means: "Secure boot refuses the signature: the program (or the bootloader) is signed with a key that this chip does not trust, or not signed at all",
    next: "Sign what is flashed with the key whose digest stands in the chip's eFuses (`espefuse.py summary`, `espsecure.py sign_data`, `espsecure.py verify_signature`), and flash that again; never burn eFuses to get past this",
  },
  {
    says: /chip rev|mismatch chip/i,
    means: "The program is built for another chip, or for a later revision of it",
    next: "Build for this chip (`idf.py set-target`) and its revision (CONFIG_ESP…_REV_MIN), and flash that",
  },
  {
    says: /checksum failed|hash failed|invalid segment|invalid load address|image length|primary slot/i,
    means: "The program in flash is not whole, or not what was built: an interrupted flashing or update, a partition that something else has written over, or a flash that is read wrongly (mode, speed)",
  },
  {
    says: /^flash read err|^invalid header: ?0x(?:f{8}|0{8})/i,
    means: "The ROM reads no bootloader: the flash is empty at its place, or does not answer (its wires and supply, its mode or speed, a strapping pin that gives it the wrong voltage: GPIO12 on the ESP32)",
  },
  {
    says: /^invalid (?:header|image block)/i,
    means: "The ROM reads something else where the bootloader should begin: it was flashed to another address (0x1000 on the ESP32 and ESP32-S2, 0x0 or 0x2000 on later chips), is of another chip, or is encrypted with another key",
  },
  {
    says: /^csum err/i,
    means: "The ROM reads a bootloader with a wrong check sum: an interrupted flashing, or a flash that is read wrongly (mode, speed, wires)",
  },
  {
    says: /partition|bootable image/i,
    means: "The bootloader runs and finds no partition with a program in it: the partition table or the program was not flashed, or to other addresses than the bootloader was built for",
  },
]; // prettier-ignore

export function noProgram(incident: RunIncident): Reading | undefined {
  const { known, detail = "" } = incident;
  if (known !== "no-program") return undefined;
  const why = quoteOf(incident, "not taken");
  const found = MEANS.find(({ says }) => says.test(why?.quote ?? "")) ?? MEANS.find(({ says }) => says.test(detail));
  return {
    rule: "crash",
    severity: "warning",
    confidence: 0.9,
    title: `the board finds no program that it can start: ${why?.quote ?? detail}`,
    evidence: [
      ...(found === undefined ? [] : [found.means]),
      ...(why === undefined ? [] : [`Told before, in line ${why.line}: “${why.quote}”`]),
      "Nothing of the program has run by then: this is no fault of the heap, and watchdogs that reset the board meanwhile tell nothing more",
    ],
    next: found?.next ?? FLASH_ALL,
  };
}
