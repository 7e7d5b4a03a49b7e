import { expect, test } from "vitest";
import { isAllocatorName } from "./allocators.ts";
import { isInFlash, placeIn, shortName } from "./whose-code.ts";

const IDF = "/home/ada/esp/v5.3.1/esp-idf/components";
const PIO = "C:\\Users\\ada\\.platformio\\packages\\framework-arduinoespressif32";

/** `function @ file` for each frame, innermost first; what is named, and through what. */
function named(...stack: readonly string[]): string {
  const frames = stack.map((text) => {
    const [name = "", file] = text.split(" @ ");
    return { function: name, file };
  });
  const place = placeIn(frames, (frame) => isAllocatorName(frame.function));
  if (place === undefined) return "nothing";
  const through = place.through === undefined ? "" : ` through ${shortName(frames[place.through]?.function ?? "")}`;
  return `${place.isOwn ? "" : "library "}${shortName(frames[place.at]?.function ?? "")}${through}`;
}

test.each([
  ["the caller of a component of ESP-IDF", ["heap_caps_malloc @ /x/heap.c", `cJSON_New_Item @ ${IDF}/json/cJSON/cJSON.c`, `cJSON_CreateObject @ ${IDF}/json/cJSON/cJSON.c`, "report @ /p/main/report.c"], "report through cJSON_CreateObject"],
  ["a component that only its folder tells", [`ring_new @ ${IDF}/esp_ringbuf/ringbuf.c`, "report @ /p/main/report.c"], "report through ring_new"],
  ["ESP-IDF in a folder of another name, told by its heap", ["heap_caps_malloc @ /tools/sdk/components/heap/heap_caps.c", "thing_init @ /tools/sdk/components/thing/thing.c", "report @ /p/main/report.c"], "report through thing_init"],
  ["a component of the project", [`xQueueGenericCreate @ ${IDF}/freertos/queue.c`, "pump_open @ /p/components/pump/pump.c", "app_main @ /p/main/app.c"], "pump_open through xQueueGenericCreate"],
  ["a managed component", ["led_strip_new @ /p/managed_components/espressif__led_strip/src/led_strip.c", "lights @ /p/main/lights.c"], "lights through led_strip_new"],
  ["PlatformIO's libraries, on Windows", ["Client::grow @ C:\\p\\.pio\\libdeps\\esp32dev\\Client\\src\\Client.cpp", "setup @ C:\\p\\src\\main.cpp", `loopTask @ ${PIO}\\cores\\esp32\\main.cpp`], "setup through Client::grow"],
  ["Arduino's core and its libraries", [`String::changeBuffer @ ${PIO}/cores/esp32/WString.cpp`, "Sensor::begin @ /home/ada/Arduino/libraries/Sensor/Sensor.cpp", "loop @ /home/ada/Arduino/weather/weather.ino"], "loop through Sensor::begin"],
  ["a library's copy in the project", ["cJSON_Duplicate @ /p/main/cJSON.c", "keep @ /p/main/keep.c"], "keep through cJSON_Duplicate"],
  ["templates that are instantiated in the project", ["void std::vector<int, std::allocator<int> >::_M_realloc_insert<int>(int&&) @ /p/main/list.cpp", "List::add(int) @ /p/main/list.cpp"], "List::add through std::vector"],
  ["the standard library's headers", ["std::__cxx11::basic_string<char>::_M_create(unsigned int&, unsigned int) @ /t/xtensa-esp32-elf/include/c++/13.2.0/bits/basic_string.tcc", "Log::line(char const*) @ /p/src/log.cpp"], "Log::line through std::string"],
  ["names without files", ["mbedtls_ssl_setup", "esp_tls_conn_new", "fetch", "app_main"], "fetch through esp_tls_conn_new"],
  ["a function of the program that is named like a library's", ["esp_now_table_add @ /p/main/peers.c", "app_main @ /p/main/app.c"], "esp_now_table_add"],
  ["a binary library beside frames that have files", [`pvPortMalloc @ ${IDF}/freertos/heap_idf.c`, "cnx_start", "wifi_on @ /p/main/net.c"], "wifi_on through cnx_start"],
  ["an example of ESP-IDF on which somebody builds", [`esp_mqtt_client_init @ ${IDF}/mqtt/mqtt_client.c`, "mqtt_app_start @ /home/ada/esp/v5.3.1/esp-idf/examples/protocols/mqtt/tcp/main/app_main.c"], "mqtt_app_start through esp_mqtt_client_init"],
  ["an address between names", [`cJSON_New_Item @ ${IDF}/json/cJSON/cJSON.c`, "0x400d1234", "app_main @ /p/main/app.c"], "app_main through cJSON_New_Item"],
  ["libraries alone: the outermost and the innermost", [`malloc @ ${IDF}/newlib/heap.c`, `xQueueGenericCreate @ ${IDF}/freertos/queue.c`, `xQueueCreateMutex @ ${IDF}/freertos/queue.c`, `esp_mqtt_client_init @ ${IDF}/mqtt/mqtt_client.c`], "library esp_mqtt_client_init through xQueueGenericCreate"],
  ["libraries alone, down to a task's own function", [`pbuf_alloc @ ${IDF}/lwip/pbuf.c`, `ethernet_input @ ${IDF}/lwip/ethernet.c`, `some_thread @ ${IDF}/lwip/tcpip.c`, `vPortTaskWrapper @ ${IDF}/freertos/port.c`], "library ethernet_input through pbuf_alloc"],
  ["one library alone", [`xQueueGenericCreate @ ${IDF}/freertos/queue.c`], "library xQueueGenericCreate"],
  ["allocators alone", [`heap_caps_malloc @ ${IDF}/heap/heap_caps.c`, "pvPortMalloc", "0x400d1234"], "nothing"],
  ["Rust", ["alloc::raw_vec::RawVec<T,A>::grow_one @ /rustc/a1b2/library/alloc/src/raw_vec.rs", "heapless_like::push @ /home/ada/.cargo/registry/src/index.crates.io-6f/heapless-like-0.8.0/src/vec.rs", "station::poll @ src/station.rs"], "station::poll through heapless_like::push"],
])("%s", (_, stack, place) => {
  expect(named(...stack)).toBe(place);
}); // prettier-ignore

test("names as sentences have them", () => {
  expect(shortName("std::__cxx11::basic_string<char, std::char_traits<char> >::_M_create(unsigned int&, unsigned int)")).toBe("std::string");
  expect(shortName("std::_Rb_tree<int, std::pair<int const, Peer> >::_M_insert_(int)")).toBe("std::map");
  expect(shortName("app::Session::open(char const*) const")).toBe("app::Session::open");
  expect(shortName("cJSON_Parse")).toBe("cJSON_Parse");
}); // prettier-ignore

test("where the chips have their flash", () => {
  const borders = [0x400c_2000, 0x4037_0000, 0x4200_0000, 0x4400_0000];
  expect(borders.flatMap((address) => [isInFlash(address - 1), isInFlash(address)])).toEqual([
    ...[false, true, true, false],
    ...[false, true, true, false],
  ]);
});
