// What is said of a forecast, at the borders between one sentence and another.
import { expect, test } from "vitest";
import { told } from "../../test/finding-text.ts";
import { namesOf } from "../../test/incidents.ts";
import { HOUR } from "../base/duration.ts";
import { Cap } from "../wire/caps.ts";
import type { Exhaustion } from "./exhaustion.ts";
import type { Finding } from "./finding.ts";
import { tellForecast } from "./forecast.ts";

const DAY = 24 * HOUR;
const window = { from: 0, to: 10 * HOUR };

const names = namesOf([["lost"], ["wanted"], ["shared", "here"], ["shared", "there"], ["shared"]]);

function said(
  forecast: Partial<Exhaustion> & { caps?: number } = {},
  { believed = window.to, unknownAfter }: { believed?: number; unknownAfter?: string } = {},
): readonly Finding[] {
  const { caps = Cap.INTERNAL, ...more } = forecast;
  const refused = { after: 3 * HOUR, site: 2, size: 4000, caps, free: 3000 };
  const stretch = { from: 0, to: believed };
  return tellForecast(
    { names, window, stretch, ...(unknownAfter !== undefined && { unknownAfter }) },
    { earliest: 2 * HOUR, likely: 3 * HOUR, latest: 5 * HOUR, refused, replays: 15, count: 12, carriers: [{ site: 1, rate: 1000 / HOUR }], ...more },
  );
} // prettier-ignore

test("what will be refused, and when", async () => {
  const rates = (...all: readonly (readonly [site: number, bytes: number])[]): Pick<Exhaustion, "carriers"> => {
    return { carriers: all.map(([site, bytes]) => ({ site, rate: bytes / HOUR })) };
  };
  const unknown = { unknownAfter: "the table was full", believed: 8 * HOUR };
  await expect(
    told({
      "internal memory": said(),
      "memory for DMA, which is internal": said({ caps: Cap.DMA | Cap.INTERNAL }),
      "PSRAM": said({ caps: Cap.SPIRAM }),
      "any memory": said({ caps: 0 }),
      "any memory that takes bytes": said({ caps: 4 }),
      "at once": said({ earliest: 0, likely: 0, latest: HOUR }),
      "in a microsecond": said({ earliest: 0, likely: 1, latest: HOUR }),
      "in sixty days": said({ likely: 60 * DAY, latest: 60 * DAY }),
      "later than that": said({ likely: 60 * DAY + 1, latest: 61 * DAY }),
      "perhaps later than sixty days": said({ latest: 60 * DAY + 1 }),
      "at no time for sure": said({ latest: Infinity }),
      "two hours are not believed": said({}, unknown),
      "it had come when nothing was believed any more": said({ likely: 2 * HOUR }, unknown),
      "it may have come by then": said({ earliest: HOUR, likely: 2 * HOUR + 1 }, unknown),
      "in sixty days after what is not believed": said({ likely: 60 * DAY + 2 * HOUR, latest: 60 * DAY + 2 * HOUR }, unknown),
      "later than sixty days after what is not believed": said({ likely: 60 * DAY + 2 * HOUR + 1 }, unknown),
      "another boot followed": said({}, { believed: 8 * HOUR }),
      "four leaks": said(rates([1, 500], [2, 250], [3, 150], [4, 100])),
      "one place called in two ways": said(rates([3, 600], [4, 400])),
      "one place, of which one caller is not known": said(rates([3, 600], [5, 400])),
      "a rate that is no whole number": said(rates([1, 1000.4])),
    }),
  ).toMatchFileSnapshot("../../test/answers/forecast.txt");
}); // prettier-ignore
