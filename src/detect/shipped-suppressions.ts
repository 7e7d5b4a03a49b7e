// What ESP-IDF keeps on purpose: looks like a leak in every tool that lists what is still allocated, and is none. A match lowers a leak
// finding to a note that gives the reason; it does not hide it, because real leaks pass through these functions too:
// steady growth beyond the "at most N" blocks of a reason is not lowered.
export const SHIPPED_SUPPRESSIONS = `
# lwIP keeps a closed TCP connection for twice the maximum segment lifetime (TIME_WAIT, 2 min), then frees it: at most 128
leak:^tcp_alloc$
leak:^tcp_new*
leak:^tcp_pcb_*

# lwIP's timers are a pool that grows to the most ever in use and is used again: at most 64
leak:^sys_timeout*
leak:^sys_mbox_new$
leak:^sys_sem_new$
leak:^sys_mutex_new$
leak:^sys_thread_sem_init$

# newlib makes the lock of a stream at its first use and keeps it for the life of the program: at most 40
leak:^__retarget_lock_init*
leak:^lock_init_generic$
leak:^_lock_init*
leak:^lock_acquire_generic$

# newlib keeps a stream's buffer and its per-task data from the first printf on; printing floats adds big-number scratch space once: at most 24
leak:^__smakebuf_r$
leak:^__sinit*
leak:^__sfp$
leak:^_Balloc$
leak:^__sfmoreglue$

# the Wi-Fi driver takes its static and dynamic buffers when it starts and gives them back at esp_wifi_deinit: at most 96
leak:^esp_wifi_init*
leak:^wifi_malloc$
leak:^wifi_calloc$
leak:^wifi_zalloc_wrapper$
leak:^wifi_calloc_wrapper$
leak:^wifi_create_queue*
leak:^esf_buf_setup*
leak:^esf_buf_alloc*
leak:^ieee80211_*
leak:^wpa_*init*

# the Bluetooth controller and host take their pools when they start: at most 64
leak:^esp_bt_controller_init$
leak:^nimble_port_init*
leak:^osi_calloc_func$

# started once by ESP-IDF and kept for the life of the program: at most 12
leak:^esp_event_loop_create*
leak:^esp_netif_new*
leak:^esp_timer_init*
leak:^nvs_flash_init*
leak:^esp_vfs_register*
leak:^uart_driver_install$
leak:^esp_ipc_init*
leak:^do_global_ctors$
`;
