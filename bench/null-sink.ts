// A sink that does nothing: what decoding alone costs.
import type { EventSink } from "../src/wire/events.ts";

export class NullSink implements EventSink {
  boot(): void {}
  site(): void {}
  task(): void {}
  alloc(_time: number, _address: number, _size: number, _site: number, _task: number, _core: number): void {}
  free(_time: number, _address: number): void {}
  reallocBegin(): void {}
  reallocEnd(
    _time: number,
    _oldAddress: number,
    _address: number,
    _size: number,
    _site: number,
    _task: number,
    _core: number,
  ): void {}
  reallocFailed(): void {}
  mark(): void {}
  snapshotBegin(): void {}
  live(): void {}
  snapshotEnd(): void {}
  heartbeat(): void {}
  regions(): void {}
  fault(): void {}
  failure(): void {}
  gap(): void {}
  text(): void {}
}
