// Why a port may not be opened: by what its mode and the groups of this process really are, as the usual advice (join dialout) is often not it.
import { constants, type Stats } from "node:fs";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { MemmapError } from "../base/errors.ts";

/** What the kernel goes by, and the names for it. */
export interface PortAccess {
  readonly path: string;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly user: string;
  readonly isOwner: boolean;
  /** Of this process. */
  readonly isInGroup: boolean;
  /** By the system's list; a process has the groups that its login had. */
  readonly isListedInGroup: boolean;
}

const GROUP_BITS = constants.S_IRGRP | constants.S_IWGRP;
const OTHER_BITS = constants.S_IROTH | constants.S_IWOTH;
const OWNER_BITS = constants.S_IRUSR | constants.S_IWUSR;

export function explainRefusal(port: PortAccess): { readonly message: string; readonly hint: string } {
  const { path, mode, owner, group, user, isOwner, isInGroup, isListedInGroup } = port;
  const has = (bits: number): boolean => (mode & bits) === bits;
  const told = `mode ${(mode & 0o777).toString(8).padStart(4, "0")}, owner ${owner}, group ${group}`;
  // The kernel asks the first that applies: owner, group, others.
  if (has(isOwner ? OWNER_BITS : isInGroup ? GROUP_BITS : OTHER_BITS)) {
    return {
      message: `you may not open ${path}, though its mode allows it (${told})`,
      hint: "Something else forbids it: in a container, pass the device in with --device; with snap or SELinux, allow serial ports.",
    };
  }
  if (!isOwner && !isInGroup && has(GROUP_BITS)) {
    const message = `you may not open ${path}: it is for the group ${group}, in which this process is not (${told})`;
    const later = `${user} is in ${group}, but was not when this login began: log out and in again, or run \`newgrp ${group}\` here.`;
    const join = `Join the group with \`sudo usermod -a -G ${group} ${user}\`, then log out and in again.`;
    return { message, hint: isListedInGroup ? later : join };
  }
  const who = isOwner
    ? `${user}, its owner,`
    : isInGroup
      ? `the group ${group}, in which you are,`
      : `others than ${owner}`;
  return {
    message: `you may not open ${path}: its mode does not let ${who} read and write (${told})`,
    hint: `For now \`sudo chmod ug+rw,o+rw ${path}\`; for good a udev rule with MODE="0660" and a group of yours.`,
  };
}

export async function portRefused(path: string, { mode, uid, gid }: Stats, cause: unknown): Promise<MemmapError> {
  const user = userInfo().username;
  const groups = (await readFile("/etc/group", "utf8").catch(() => "")).split("\n").map((line) => line.split(":"));
  const users = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n").map((line) => line.split(":"));
  const group = groups.find((fields) => fields[2] === String(gid));
  const { message, hint } = explainRefusal({
    path,
    mode,
    owner: users.find((fields) => fields[2] === String(uid))?.[0] ?? String(uid),
    group: group?.[0] ?? String(gid),
    user,
    isOwner: process.geteuid?.() === uid,
    isInGroup: process.getegid?.() === gid || process.getgroups?.().includes(gid) === true,
    isListedInGroup: group?.[3]?.split(",").includes(user) === true,
  });
  return new MemmapError(message, { code: "port-permission", hint, cause });
}
