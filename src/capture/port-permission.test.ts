import { expect, test } from "vitest";
import { explainRefusal, type PortAccess } from "./port-permission.ts";

const port: PortAccess = {
  path: "/dev/ttyUSB0",
  mode: 0o20660,
  owner: "root",
  group: "uucp",
  user: "ada",
  isOwner: false,
  isInGroup: false,
  isListedInGroup: false,
};

test.each<[string, Partial<PortAccess>, RegExp, RegExp]>([
  [
    "the group is not yours",
    {},
    /for the group uucp, in which this process is not \(mode 0660/,
    /usermod -a -G uucp ada/,
  ],
  ["the group is yours from the next login on", { isListedInGroup: true }, /group uucp/, /newgrp uucp/],
  ["the group is yours, and may not", { isInGroup: true, mode: 0o20640 }, /the group uucp, in which you are,/, /chmod/],
  ["nobody but the owner may", { mode: 0o20600 }, /does not let others than root read and write \(mode 0600/, /udev/],
  ["the owner himself may not", { isOwner: true, mode: 0o20060 }, /ada, its owner,/, /chmod/],
  ["the mode is not it", { isInGroup: true }, /though its mode allows it/, /container/],
])("%s", (_, facts, message, hint) => {
  const refusal = explainRefusal({ ...port, ...facts });
  expect(refusal.message).toMatch(message);
  expect(refusal.hint).toMatch(hint);
});
