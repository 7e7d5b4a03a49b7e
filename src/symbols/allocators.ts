// Functions that only pass an allocation on: the place to name in a stack is the first one that is none of them. The one list of them, for
// stacks out of an ELF as for those that recordings and other tools' files bring.

/** An allocator's function: its exact name, or a pattern that is tried on the demangled name. */
export type AllocatorPattern = string | RegExp;

/** What passes allocations on in ESP-IDF firmware. Extensible: see `AttributionOptions.allocators`. */
const allocatorPatterns: readonly AllocatorPattern[] = [
  // C library, newlib and picolibc
  ..."malloc calloc realloc reallocf reallocarray free cfree memalign aligned_alloc posix_memalign valloc strdup strndup".split(
    " ",
  ),
  ..."_malloc_r _calloc_r _realloc_r _free_r _memalign_r _strdup_r _strndup_r asprintf vasprintf _asprintf_r _vasprintf_r".split(
    " ",
  ),
  // ESP-IDF's heap, its poisoning, tracing and hooks
  /^heap_caps_\w*(malloc|calloc|realloc|alloc|free)\w*$/,
  /^(aligned_or_unaligned_alloc|heap_caps_realloc_base|trace_(malloc|calloc|realloc|free)|record_(allocation|free))$/,
  /^multi_heap_\w*(alloc|free)\w*$/,
  /^tlsf_\w*(alloc|align|free)\w*$/,
  /^(esp_)?heap_trace_(alloc|free)\w*$/,
  // FreeRTOS, Arduino, mbedTLS, Wi-Fi and cJSON adapters
  ..."pvPortMalloc pvPortCalloc pvPortRealloc vPortFree pvPortMallocStack vPortFreeStack pvPortMallocCaps".split(" "),
  ..."ps_malloc ps_calloc ps_realloc esp_mbedtls_mem_calloc esp_mbedtls_mem_free mbedtls_calloc mbedtls_free mbedtls_platform_calloc mbedtls_platform_calloc_wrapper".split(
    " ",
  ),
  ..."wifi_malloc wifi_calloc wifi_realloc malloc_internal_wrapper calloc_internal_wrapper realloc_internal_wrapper".split(
    " ",
  ),
  ..."os_malloc os_zalloc esp_wifi_malloc cJSON_malloc cJSON_free bzalloc mem_malloc mem_calloc mem_free".split(" "),
  // Linker wraps and the probe itself
  /^__(wrap|real)_\w*(malloc|calloc|realloc|alloc|free)\w*$/,
  /^(memmap|traceable_heap_caps)_\w+$/,
  // C++ and Rust
  /^(operator (new|delete)\b|_Z(n[wa]|d[la]))/,
  /^std::(allocator(_traits)?|pmr::\w+)<.*>::(de)?allocate\b/,
  /^(__gnu_cxx|std)::(__)?new_allocator<.*>::(de)?allocate\b/,
  /(^|::)(External)?RAMAllocator<.*>::(re|de)?allocate\b/,
  /::_M_(create|allocate|deallocate|get_Tp_allocator)\w*\(/,
  /^(__rust_(alloc|dealloc|realloc|alloc_zeroed)|__rg_alloc|__rdl_alloc|alloc::alloc::\w+)$/,
  /^<(esp_alloc|esp_idf_alloc)::/,
];

/** Longer names occur in damaged files only, where patterns would take long over them. */
const MAX_NAME = 2000;

const NAMES: ReadonlySet<string> = new Set(allocatorPatterns.filter((pattern) => typeof pattern === "string"));
const EXPRESSIONS = allocatorPatterns.filter((pattern) => typeof pattern !== "string");

/** @param extra patterns beside those that memmap knows */
export function isAllocatorName(name: string, extra: readonly AllocatorPattern[] = []): boolean {
  if (name.length > MAX_NAME) return false;
  // Copies that the compiler made: "malloc.constprop.0", shown as "malloc [clone .constprop.0]" when demangled.
  const base = name.replace(/ \[clone .*$/, "").replace(/\.(constprop|isra|part|cold)\b.*$/, "");
  return (
    NAMES.has(base) ||
    EXPRESSIONS.some((expression) => expression.test(base)) ||
    extra.some((pattern) => (typeof pattern === "string" ? pattern === base : pattern.test(base)))
  );
}

/** As `isAllocatorName`, remembering its answers: a firmware has few names and many frames. */
export function allocatorTest(extra: readonly AllocatorPattern[]): (name: string | undefined) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    if (name === undefined) return false;
    let answer = known.get(name);
    if (answer === undefined) known.set(name, (answer = isAllocatorName(name, extra)));
    return answer;
  };
}
