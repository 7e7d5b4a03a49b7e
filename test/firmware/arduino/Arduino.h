// What the Arduino core declares for every sketch, as far as the example uses it.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

class HardwareSerial {
  public:
    int available();
    int availableForWrite();
    int read();
    size_t write(const uint8_t *bytes, size_t length);
    size_t setTxBufferSize(size_t bytes);
    void begin(unsigned long baud);
};
extern HardwareSerial Serial;
void delay(uint32_t milliseconds);
void setup();
void loop();
