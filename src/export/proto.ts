// Protocol buffers' wire form, as far as exports write it: numbers, doubles, strings and messages within messages.
import { ByteWriter } from "../base/bytes.ts";

const encoder = new TextEncoder();
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

export class ProtoWriter {
  private readonly writer = new ByteWriter(256);

  /** An integer from 0 to 2^53 - 1. */
  uint(field: number, value: number): this {
    this.writer.varint(field * 8 + VARINT);
    this.writer.varint(value);
    return this;
  }

  double(field: number, value: number): this {
    this.writer.varint(field * 8 + FIXED64);
    this.writer.f64(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.writer.varint(field * 8 + BYTES);
    this.writer.varint(value.length);
    this.writer.raw(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, value: ProtoWriter): this {
    return this.bytes(field, value.finish());
  }

  /** Integers from 0 in the packed form. */
  packed(field: number, values: readonly number[]): this {
    const inner = new ByteWriter(values.length * 2 + 8);
    for (const value of values) inner.varint(value);
    return this.bytes(field, inner.toBytes());
  }

  finish(): Uint8Array {
    return this.writer.toBytes();
  }
}
