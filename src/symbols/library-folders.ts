// The folders in which code lies that is not the project's own: of ESP-IDF, the Arduino core, Zephyr, managed components, libraries, the toolchain.
import { pathUnder } from "./paths.ts";

/** Longer names and paths occur in damaged files only, where patterns would take long over them. */
export const MAX_NAME = 2000;

export const MANAGED = /\/managed_components\/([^/]+)\/(.*)$/;
export const LIBRARIES = /\/(libdeps\/[^/]+|libraries)\/([^/]+)\/(.*)$/;
export const CRATE = /\/\.?cargo\/(?:registry\/src|git\/checkouts)\/[^/]+\/([^/]+?)(?:-\d[^/]*)?\/(.*)$/;
export const IDF = /\/(?:esp-idf[^/]*|framework-espidf[^/]*|idf|v\d+\.\d[^/]*)\/(components\/.*)$/i;
/** The IDF's folder in reproducible builds. */
export const IDF_ITSELF = /^\/IDF\/(.*)$/;
export const TOOLCHAIN =
  /\/(newlib|picolibc|libgcc|libstdc\+\+-v3|compiler-rt)\/|\/crosstool-NG\/|\/rustc\/[0-9a-f]+\/library\/|\/(xtensa|riscv32|riscv64)-(esp|esp32|unknown|lx106)\w*-elf\/|\/include\/c\+\+\//;
/** The core, and as its paths are shown. */
export const ARDUINO = /\/(?:framework-arduinoespressif(?:32|8266)[^/]*|hardware\/(?:esp32|esp8266)\/[^/]+)\/(.*)$/;
export const ZEPHYR = /\/zephyr\/((?:arch|drivers|kernel|lib|modules|soc|subsys)\/.*)$/;

const FOLDERS = [
  MANAGED,
  LIBRARIES,
  CRATE,
  IDF,
  IDF_ITSELF,
  TOOLCHAIN,
  ARDUINO,
  ZEPHYR,
  /^\/arduino\//,
  // lwIP as the ESP8266's core has it built.
  /^\/core\/(?:ipv[46]\/|(?:tcp(?:_in|_out)?|udp|pbuf|memp?|netif|timeouts|dns|raw)\.c$)/,
  /\/lib[^/]+\.a\(/,
];

/** Components that every ESP-IDF project has: what is before them is the IDF's own path. */
const IDF_COMPONENTS = new Set(["freertos", "heap", "esp_system", "esp_hw_support", "spi_flash", "esp_common"]);

/** What is before the last of `IDF_COMPONENTS` in a path. */
export function idfOf(file: string): string | undefined {
  for (let at = file.length; at > 0;) {
    at = file.lastIndexOf("/components/", at - 1);
    if (at < 0) return undefined;
    const from = at + "/components/".length;
    const end = file.indexOf("/", from);
    if (end >= 0 && IDF_COMPONENTS.has(file.slice(from, end))) return file.slice(0, at);
  }
  return undefined;
}

/** What is written on top of an example of the IDF's is its author's own. */
export function isExample(pathInIdf: string): boolean {
  return pathInIdf.startsWith("examples/") && !pathInIdf.startsWith("examples/common_components/");
}

/** @param idf the IDF's folder, where it is known */
export function isLibraryFile(file: string, idf: string | undefined): boolean {
  if (file.length > MAX_NAME) return false;
  const inIdf = idf === undefined ? undefined : pathUnder(file, idf);
  return inIdf === undefined ? FOLDERS.some((folder) => folder.test(file)) : !isExample(inIdf);
}
