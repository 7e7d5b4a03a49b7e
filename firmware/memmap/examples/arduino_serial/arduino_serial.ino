// Arduino: the stream on Serial, among whatever else is printed there. `memmap record /dev/ttyUSB0 --baud 921600` on the computer.
#include <memmap.h>

static bool write_frame(const uint8_t *bytes, size_t length, void *) {
  if (Serial.availableForWrite() < (int)length) return false;  // refused, counted, tried again
  return Serial.write(bytes, length) == length;
}

static size_t read_commands(uint8_t *bytes, size_t capacity, void *) {
  size_t count = 0;
  while (count < capacity && Serial.available()) bytes[count++] = (uint8_t)Serial.read();
  return count;
}

void setup() {
  Serial.setTxBufferSize(2048);  // a whole frame must fit
  Serial.begin(921600);
  const memmap_transport_t transport = {write_frame, read_commands, nullptr, false};
  memmap_stream_start(&transport);
}

void loop() {
  char *forgotten;
  TRACE_MALLOC_VAR(forgotten, 48, MALLOC_CAP_8BIT);
  if (forgotten) forgotten[0] = '\0';
  delay(500);
}
