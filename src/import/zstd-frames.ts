// Follows the frames of a zstd stream beside the decompressor, which does not verify them: where a frame ends, whether it carries a checksum, and
// whether what came out of it is what went in. RFC 8878.

import xxhash from "xxhash-wasm";

type Hash = ReturnType<Awaited<ReturnType<typeof xxhash>>["create64"]>;

type State = "magic" | "descriptor" | "header" | "block-header" | "block" | "checksum" | "skip-size" | "skip";

export class ZstdFrames {
  private readonly newHash: () => Hash;
  private hash: Hash;
  private state: State = "magic";
  /** Bytes of the current part that are still to come, and those that came of it. */
  private missing = 4;
  private part: number[] = [];
  private hasChecksum = false;
  private isLastBlock = false;
  private firstProblem: string | undefined;

  private constructor(newHash: () => Hash) {
    this.newHash = newHash;
    this.hash = newHash();
  }

  static async create(): Promise<ZstdFrames> {
    const hashes = await xxhash();
    return new ZstdFrames(() => hashes.create64());
  }

  /** Unpacked bytes of the current frame. */
  produced(chunk: Uint8Array): void {
    this.hash.update(chunk);
  }

  /** Packed bytes: handed on in parts that end where a frame's blocks do, so that all of it is out before its checksum is compared. */
  consumed(bytes: Uint8Array, handOn: (part: Uint8Array) => void): void {
    let handed = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.state === "block" || this.state === "skip") {
        const taken = Math.min(this.missing, bytes.length - at);
        at += taken;
        this.missing -= taken;
      } else {
        this.part.push(bytes[at++] ?? 0);
        this.missing--;
      }
      if (this.missing > 0) continue;
      const isChecksum = this.state === "checksum";
      if (isChecksum) {
        handOn(bytes.subarray(handed, at));
        handed = at;
      }
      this.advance();
    }
    if (handed < bytes.length) handOn(bytes.subarray(handed));
  }

  problem(): string | undefined {
    if (this.firstProblem !== undefined) return this.firstProblem;
    return this.state === "magic" && this.part.length === 0 ? undefined : "the zst data breaks off";
  }

  private advance(): void {
    const part = this.part;
    const value = part.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
    this.part = [];
    switch (this.state) {
      case "magic":
        if (value === 0xfd2fb528) {
          this.hash = this.newHash();
          this.expect("descriptor", 1);
        } else if (value >= 0x184d2a50 && value <= 0x184d2a5f) this.expect("skip-size", 4);
        else this.lost("there is no frame where one should begin");
        break;
      case "skip-size":
        this.expect("skip", value);
        if (value === 0) this.expect("magic", 4);
        break;
      case "skip":
        this.expect("magic", 4);
        break;
      case "descriptor": {
        this.hasChecksum = (value & 4) !== 0;
        const single = (value & 32) !== 0;
        const dictionary = [0, 1, 2, 4][value & 3] ?? 0;
        const content = [single ? 1 : 0, 2, 4, 8][value >> 6] ?? 0;
        const length = (single ? 0 : 1) + dictionary + content;
        this.expect("header", length);
        break;
      }
      case "header":
        this.expect("block-header", 3);
        break;
      case "block-header": {
        this.isLastBlock = (value & 1) !== 0;
        const type = (value >> 1) & 3;
        const size = type === 1 ? 1 : value >> 3;
        if (size > 0) this.expect("block", size);
        else this.endBlock();
        break;
      }
      case "block":
        this.endBlock();
        break;
      case "checksum": {
        const sum = Number(this.hash.digest() & 0xffffffffn);
        if (sum !== value) this.firstProblem ??= "the zst data is damaged: its checksum does not fit";
        this.expect("magic", 4);
        break;
      }
    }
  }

  private endBlock(): void {
    if (!this.isLastBlock) this.expect("block-header", 3);
    else if (this.hasChecksum) this.expect("checksum", 4);
    else this.expect("magic", 4);
  }

  private expect(state: State, bytes: number): void {
    this.state = state;
    this.missing = bytes;
  }

  private lost(why: string): void {
    this.firstProblem ??= `the zst data is damaged: ${why}`;
    this.expect("skip", Infinity);
  }
}
