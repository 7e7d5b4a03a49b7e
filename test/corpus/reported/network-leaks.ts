// What connections, requests and radios lose.
import { inPsram, dram, psram, second, type Block, type CorpusProgram } from "../program.ts";
import { every, firmware, hour, leaking, minute, nowAndThen, tls, use, webServer } from "./report.ts";

export const networkLeaks: readonly CorpusProgram[] = [
  leaking("HTTPS client: 376 bytes at first, then 96 a request", ["client_headers"], (p) => {
    firmware(p);
    p.malloc("client_init:client<app_main", 280);
    every(p, 20 * second, () => {
      tls(p, "http_request", 3 * second);
      p.lose("client_headers:list<http_request", 96);
    });
    p.run(25 * minute);
  }),
  leaking("TLS requests that lose 65 to 100 bytes, as the site answers", ["parse_chain"], (p) => {
    firmware(p);
    nowAndThen(p, 15 * second, () => {
      tls(p, "poll_api", 2 * second);
      p.lose("parse_chain:chain<poll_api", Math.round(p.between(65, 100)));
    });
    p.run(40 * minute);
  }),
  leaking("Wi-Fi that is started and stopped for every report", ["dhcp_start"], (p) => {
    firmware(p);
    every(p, 30 * second, () => {
      p.inTask("wifi");
      for (let i = 0; i < 10; i++) use(p, "wifi_rx_alloc:buffer<wifi_start", 1600, 4 * second);
      p.lose("dhcp_start:state<wifi_start", 100);
      use(p, "publish_report:json<report_task", 400, second);
    });
    p.run(30 * minute);
  }),
  leaking("esp_netif_new at each restart of the Wi-Fi", ["esp_netif_new"], (p) => {
    firmware(p);
    every(p, 45 * second, () => {
      p.inTask("net");
      p.lose("esp_netif_new:netif<wifi_restart", 264);
      use(p, "wifi_config:config<wifi_restart", 132, 2 * second);
    });
    p.run(hour);
  }),
  leaking("BLE connections that cost 412 bytes each", ["gatt_new_conn", "gatt_cccd"], (p) => {
    firmware(p);
    p.inTask("btu");
    p.malloc("gatt_pool:pool<app_main", 4000);
    nowAndThen(p, 40 * second, () => {
      p.inTask("btu");
      const link = p.malloc("l2cap_link:link<gap_connected", 220);
      p.lose("gatt_new_conn:conn<gap_connected", 344);
      p.lose("gatt_cccd:cccd<gap_connected", 68);
      p.freeAfter(p.between(2, 20) * second, link);
    });
    p.run(50 * minute);
  }),
  leaking("BLE scan whose results are never cleared", ["adv_push", "results_grow~"], (p) => {
    firmware(p);
    let vector = p.malloc("results_grow:vector<on_result", 64);
    let count = 0;
    nowAndThen(p, 6 * second, () => {
      p.lose("adv_push:device<on_result", Math.round(p.between(90, 160)));
      if (++count * 4 > vector.size) {
        const larger = p.malloc("results_grow:vector<on_result", vector.size * 2);
        p.free(vector);
        vector = larger;
      }
    });
    p.run(30 * minute);
  }),
  leaking("getaddrinfo whose answer is dropped when connect fails", ["addrinfo_new"], (p) => {
    firmware(p);
    nowAndThen(p, 5 * second, () => {
      const info = p.malloc("addrinfo_new:ai<getaddrinfo", 76);
      if (p.chance(0.12)) p.isLost(info);
      else p.freeAfter(p.between(0.1, 0.9) * second, info);
    });
    p.run(40 * minute);
  }),
  leaking("HTTP sessions that are cut off keep their context", ["session_ctx"], (p) => {
    firmware(p);
    webServer(p, 3 * second);
    nowAndThen(p, 4 * second, () => {
      p.inTask("httpd");
      const context = p.malloc("session_ctx:ctx<login_handler", 188);
      if (p.chance(0.08)) p.isLost(context);
      else p.freeAfter(p.between(1, 12) * second, context);
    });
    p.run(45 * minute);
  }),
  leaking("websocket messages to clients that are gone", ["async_arg", "async_payload"], (p) => {
    firmware(p);
    webServer(p);
    every(p, 2 * second, () => {
      const arg = p.malloc("async_arg:arg<broadcast", 28);
      const payload = p.malloc("async_payload:text<broadcast", Math.round(p.between(60, 300)));
      if (p.chance(0.05)) [arg, payload].forEach((block) => p.isLost(block));
      else p.freeAfter(0.1 * second, arg, payload);
    });
    p.run(30 * minute);
  }),
  leaking("mDNS queries whose results nobody frees", ["mdns_result", "mdns_txt"], (p) => {
    firmware(p);
    every(p, minute, () => {
      for (let i = 0; i < 3; i++) {
        p.lose("mdns_result:result<find_broker", 52);
        p.lose("mdns_txt:text<find_broker", Math.round(p.between(16, 60)));
      }
    });
    p.run(90 * minute);
  }),
  leaking("update check that loses a certificate chain every ten minutes", ["x509_copy"], (p) => {
    firmware(p, 3);
    every(p, 10 * minute, () => {
      tls(p, "ota_check", 5 * second);
      for (let i = 0; i < 4; i++) p.lose("x509_copy:raw<ota_check", Math.round(p.between(200, 900)));
    });
    p.run(5 * hour);
  }),
  leaking("event handlers registered again at every reconnect", ["handler_node"], (p) => {
    firmware(p);
    nowAndThen(p, 50 * second, () => {
      p.inTask("net");
      p.lose("handler_node:handler<on_disconnect", 24);
      use(p, "reconnect_ctx:ctx<on_disconnect", 80, 3 * second);
    });
    p.run(70 * minute);
  }),
  leaking("MQTT client that is destroyed without its outbox", ["outbox_item"], (p) => {
    firmware(p);
    every(p, 80 * second, () => {
      p.inTask("mqtt");
      const client = p.malloc("mqtt_init:client<mqtt_restart", 900);
      const buffers = p.malloc("mqtt_init_buffer:buffer<mqtt_restart", 1024);
      for (let i = 0; i < 6; i++) {
        const item = p.malloc("outbox_item:item<mqtt_publish", Math.round(p.between(90, 260)));
        if (i === 5) p.isLost(item);
        else p.freeAfter(p.between(1, 9) * second, item);
      }
      p.freeAfter(60 * second, client, buffers);
    });
    p.run(90 * minute);
  }),
  leaking("pbufs lost when the receive queue is full", ["pbuf_alloc"], (p) => {
    firmware(p);
    nowAndThen(p, 0.4 * second, () => {
      p.inTask("tiT");
      const pbuf = p.malloc("pbuf_alloc:p<ethernet_input", Math.round(p.between(60, 600)));
      if (p.chance(0.012)) p.isLost(pbuf);
      else p.freeAfter(p.around(0.08 * second), pbuf);
    });
    p.run(25 * minute);
  }),
  leaking("sockets closed by the peer keep their receive mailbox", ["netconn_mbox"], (p) => {
    firmware(p);
    nowAndThen(p, 12 * second, () => {
      p.inTask("tiT");
      use(p, "netconn_new:conn<accept_client", 120, 5 * second);
      const mbox = p.malloc("netconn_mbox:mbox<accept_client", 108);
      if (p.chance(0.3)) p.isLost(mbox);
      else p.freeAfter(p.between(2, 8) * second, mbox);
    });
    p.run(40 * minute);
  }),
  leaking("cJSON_Print whose text is never freed", ["cjson_print"], (p) => {
    firmware(p);
    every(p, 15 * second, () => {
      for (let i = 0; i < 14; i++) use(p, "cjson_item:item<make_status", 40, 0.05 * second);
      p.lose("cjson_print:text<make_status", Math.round(p.between(200, 900)));
    });
    p.run(20 * minute);
  }),
  leaking("JSON trees of broken messages", ["cjson_new"], (p) => {
    firmware(p);
    nowAndThen(p, 1.5 * second, () => {
      const isBroken = p.chance(0.01);
      for (let i = 0; i < 5; i++) {
        const item = p.malloc("cjson_new:item<parse_command", 40);
        if (isBroken) p.isLost(item);
        else p.freeAfter(p.between(0.01, 0.1) * second, item);
      }
    });
    p.run(30 * minute);
  }),
  leaking("SNTP servers set again at every sync", ["strdup_server"], (p) => {
    firmware(p, 4);
    every(p, 5 * minute, () => p.lose("strdup_server:name<sntp_resync", 24));
    p.run(4 * hour);
  }),
  leaking("one leak in a hundred of the tracked requests", ["request_new"], (p) => {
    firmware(p);
    nowAndThen(p, 0.5 * second, () => {
      const request = p.malloc("request_new:request<dispatch", 148);
      if (p.chance(0.01)) p.isLost(request);
      else p.freeAfter(p.around(0.6 * second), request);
    });
    p.run(30 * minute);
  }),
  leaking("leak of a few bytes an hour under much traffic", ["neighbour_add"], (p) => {
    firmware(p);
    every(p, 0.5 * second, () => use(p, "frame_alloc:frame<radio_rx", p.between(20, 120), 0.1 * second));
    nowAndThen(p, 8 * minute, () => p.lose("neighbour_add:entry<radio_rx", 20));
    p.run(3 * hour);
  }),
  leaking("error path now and then, recorded for half a minute", ["retry_ctx?"], (p) => {
    firmware(p, 0.1);
    nowAndThen(p, 0.1 * second, () => {
      const context = p.malloc("retry_ctx:ctx<send_frame", 96);
      if (p.chance(0.06)) p.isLost(context);
      else p.freeAfter(p.between(0.01, 0.2) * second, context);
    });
    p.run(32 * second);
  }),
  leaking("three outages that each cost 62 KB", ["backlog_add?"], (p) => {
    firmware(p);
    webServer(p);
    for (const [index, start] of [14, 31, 44].entries()) {
      p.after(start * minute, () => {
        for (let i = 0; i < 62; i++)
          p.after(p.between(0, 50) * second, () => p.lose("backlog_add:record<upload", 1000 + index));
      });
    }
    nowAndThen(p, 3 * second, () => use(p, "backlog_add:record<upload", 1000, 2 * second));
    p.run(hour);
  }),
  leaking("leak of the first twenty minutes, ended by a change of mode", ["pair_step?"], (p) => {
    firmware(p);
    let isPairing = true;
    p.after(20 * minute, () => (isPairing = false));
    nowAndThen(p, 8 * second, () => {
      if (isPairing) p.lose("pair_step:state<provisioning", 320);
      else use(p, "mqtt_msg:msg<telemetry", 120, second);
    });
    p.run(hour);
  }),
  leaking("peer table whose entries age but are never dropped", ["peer_add"], (p) => {
    firmware(p);
    nowAndThen(p, 18 * second, () => p.lose("peer_add:peer<mesh_beacon", 84));
    nowAndThen(p, 0.7 * second, () => use(p, "mesh_rx:packet<mesh_task", 220, 0.2 * second));
    p.run(45 * minute);
  }),
  leaking(
    "Telegram bot that keeps every update in internal memory",
    ["update_copy"],
    (p) => {
      firmware(p);
      every(p, 12 * second, () => {
        tls(p, "bot_poll", 3 * second);
        if (p.chance(0.6)) p.lose("update_copy:text<bot_poll", Math.round(p.between(40, 500)));
      });
      p.run(50 * minute);
    },
    { regions: [dram(220), psram(2048)] },
  ),
  leaking(
    "frames of slow viewers, in PSRAM",
    ["jpeg_copy"],
    (p) => {
      firmware(p);
      every(p, 0.6 * second, () => {
        const frame = p.malloc("jpeg_copy:frame<stream_handler", Math.round(p.between(9000, 20_000)), inPsram);
        if (p.chance(0.02)) p.isLost(frame);
        else p.freeAfter(p.between(0.1, 0.4) * second, frame);
      });
      p.run(12 * minute);
    },
    { regions: [dram(200), psram(4096)] },
  ),
  leaking("LoRaWAN downlinks with an unknown port", ["downlink_copy"], (p) => {
    firmware(p, 2);
    nowAndThen(p, 30 * second, () => {
      const copy = p.malloc("downlink_copy:payload<lmic_event", Math.round(p.between(12, 51)));
      if (p.chance(0.25)) p.isLost(copy);
      else p.freeAfter(2 * second, copy);
    });
    p.run(3 * hour);
  }),
  leaking("modem that allocates a parser for each AT answer", ["at_parser", "at_line"], (p) => {
    firmware(p);
    every(p, 9 * second, () => {
      p.inTask("modem");
      p.lose("at_parser:parser<at_command", 64);
      p.lose("at_line:line<at_command", Math.round(p.between(20, 80)));
      use(p, "at_buffer:buffer<at_command", 512, second);
    });
    p.run(25 * minute);
  }),
  leaking("captive portal: DNS answers kept for each phone", ["dns_reply"], (p) => {
    firmware(p);
    nowAndThen(p, 4 * second, () => {
      const reply = p.malloc("dns_reply:reply<dns_server", Math.round(p.between(48, 140)));
      if (p.chance(0.5)) p.isLost(reply);
      else p.free(reply);
    });
    p.run(15 * minute);
  }),
  leaking("upload that forgets the block it was sending when the link broke", ["upload_block"], (p) => {
    firmware(p);
    const cycle = (): void => {
      let block: Block | undefined = p.malloc("upload_block:block<uploader", 4096);
      for (let i = 1; i <= 20; i++) {
        p.after(i * second, () => {
          if (block === undefined) return;
          p.free(block);
          block = i === 20 ? undefined : p.malloc("upload_block:block<uploader", 4096);
          if (block !== undefined && p.chance(0.015)) {
            p.isLost(block);
            block = undefined;
          }
        });
      }
    };
    every(p, 25 * second, cycle);
    p.run(80 * minute);
  }),
];
