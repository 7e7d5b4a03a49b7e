// Frames that every crash and every allocation goes through: the panic handler, assertions, the C++ runtime, the C library, the heap, locks of the
// scheduler, interrupts from another core.

const SYSTEM =
  /^(?:panic\w*|esp_system_abort|invoke_abort|abort|__assert\w*|__ubsan\w*|__cxxabiv1::\w+|std::terminate|__cxa_\w+|operator (?:new|delete)|std::__throw\w*|__?(?:malloc|calloc|realloc|free|cfree)(?:_r)?|(?:malloc|calloc|realloc|free|cfree|strdup)|pvPortMalloc|vPortFree|heap_caps_\w+|multi_heap_\w+|tlsf_\w+|block_\w+|insert_free_block|remove_free_block|esp_heap_\w+|trace_(?:malloc|free|realloc)|__wrap_\w+|__real_\w+|vApplicationStackOverflowHook|vPortAssertIfInISR|vTaskSwitchContext|_?xt_\w+|_frxt_\w+|spinlock_\w+|compare_and_set_native|esp_cpu_compare_and_set|[vx]Port(?:Enter|Exit)Critical\w*|esp_crosscore_\w+|(?:\w+::)*__unwrap_failed\w*(?:::<.*>)?|print_state_for_core|__stack_chk_fail|esp_backtrace_\w+|_esp_error_check_failed|_esp_error_check_failed_without_abort|task_wdt_\w+|esp_task_wdt_\w+|__asan_\w+|k?asan_report\w*|__unhandled_exception|__panic_func|raise_exception|_?umm_\w+|check_poison\w*|get_unpoisoned\w*|get_poisoned\w*)(?![\w:])/;

/** @param file of the frame, where it is known: all of ESP-IDF's heap is the heap's */
export function isSystemFrame(name: string, file = ""): boolean {
  return SYSTEM.test(name) || /[/\\]components[/\\]heap[/\\]/.test(file);
}

/** Handlers of interrupts are called by these. */
const INTERRUPT =
  /^(?:_xt_(?:low|med|high)int\d|_xt_coproc_exc|rtos_int_enter|_interrupt_handler|_global_interrupt_handler|shared_intr_isr)$/;

export function isInterruptEntry(name: string): boolean {
  return INTERRUPT.test(name);
}

/** Where a damaged heap is noticed. */
const HEAP =
  /^(?:tlsf_\w+|multi_heap_\w+|block_\w+|remove_free_block|insert_free_block|search_suitable_block|heap_caps_(?:malloc|free|realloc|calloc)\w*|_?umm_(?!info|print)\w+)$/;

export function isHeapFrame(name: string): boolean {
  return HEAP.test(name);
}
