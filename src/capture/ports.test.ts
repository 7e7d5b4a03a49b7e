import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listByName } from "./ports.ts";

test("without udevadm the names in /dev tell ports and makers", async () => {
  const dev = await mkdtemp(join(tmpdir(), "memmap-dev-"));
  try {
    await mkdir(join(dev, "serial", "by-id"), { recursive: true });
    for (const name of ["ttyUSB0", "ttyACM0", "ttyS0", "null"]) await writeFile(join(dev, name), "");
    await symlink("../../ttyUSB0", join(dev, "serial", "by-id", "usb-Silicon_Labs_CP2102_USB_to_UART_0001-if00-port0"));
    const ports = await listByName(dev);
    expect(ports[1]?.hint).toContain("CP210x");
    expect(ports).toMatchObject([
      { path: join(dev, "ttyACM0"), description: "" },
      {
        path: join(dev, "ttyUSB0"),
        description: "Silicon Labs CP2102 USB to UART 0001-if00-port0",
        vendorId: "10c4",
      },
    ]);
  } finally {
    await rm(dev, { recursive: true });
  }
});

test("a system without /dev has no ports", async () => {
  expect(await listByName(join(tmpdir(), "memmap-no-such-folder"))).toEqual([]);
});
