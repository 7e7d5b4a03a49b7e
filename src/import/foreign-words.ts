// Words of other languages than English: of memory and what is free of it, and of how long a program has run.

/** As what they mean here. Chinese, Japanese and Thai set no blanks between words. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/(?:arbeits|haupt|heap)?speicher(?:belegung|nutzung|auslastung|verbrauch)/gu, " used memory "],
  [/内存|內存|記憶體|メモリー?|메모리|памят[ьи]|памет\p{L}*|пам[’']?ят[ьі]|bellek|pamię(?:ci|ć)|pamě(?:ti|ť)|pamät\p{L}*|pamäť|geheugen|(?<!\p{L})(?:arbeits|haupt|heap|ram)?speichers?(?!\p{L})|mémoire( vive)?|mem[oóò]ria|memori(?:e|ja|i|en?)?\b|hukommelsen?|\bminnet?\b|\bmuistia?\b|pomnilnik\p{L}*|atmint\p{L}*|atmiņ\p{L}*|\bmälu|μνήμη\p{L}*|bộ nhớ|ذاكرة|זיכרון|หน่วยความจำ|حافظه|मेमोरी/gu, " memory "],
  [/堆|ヒープ|힙|куч[аиу]|\btas\b|\bsterta\b|\bsterty\b|\bhald[ay]\b|mont[ií]culo|yığın/gu, " heap "],
  [/剩余|剩餘|空闲|空閒|可用|空き|残り|여유|남은|свободн\p{L}*|вільн\p{L}*|frei\p{L}*|libres?|livres?|liber[aă]|lliures?|boş|woln\p{L}*|voln\p{L}*|voľn\p{L}*|vrije?|disponib\p{L}+|\bledig[ta]?e?\b|\bfri(?:tt|e)?\b|szabad|vapaa(?:na|ta)?|slobodn\p{L}*|dostupn\p{L}*|\bprost[aio]\b|laisv\p{L}*|brīv\p{L}*|\bvaba\b|restante?s?\b|ελεύθερ\p{L}*|trống|còn lại|bebas|tersisa|الحرة|المتاحة|المتبقية|פנוי\p{L}*|חופשי|ว่าง|เหลือ|آزاد/gu, " free "],
  [/最大|最大块|최대|plus (?:grande?|gros(?:se)?)s?|größte\p{L}*|największ\p{L}*|největší\p{L}*|najväčš\p{L}*|najve[cć]\p{L}*|grootste|наибольш\p{L}*|максимал\p{L}*|största?|største|storste|legnagyobb|\bsuurin\b|cel mai mare|m[aá]s grande|pi[uù] grande|en büyük|μεγαλύτερ\p{L}*|lớn nhất|terbesar|أكبر|الأكبر|ใหญ่สุด/gu, " largest "],
  [/最小|最低|최소|최저|历史最低|минимал\p{L}*|мінімал\p{L}*|m[ií]nim[oae]s?|minimális|kleinster?|kleinste|niedrigste\p{L}*|najmniejsz\p{L}*|nejmenší\p{L}*|nejnižší\p{L}*|l[äa]gsta?\b|laveste?\b|laagste|legkisebb|\bpienin\b|cel mai mic|plus (?:bas(?:se)?|petite?)|m[aá]s baj[ao]|en düşük|en küçük|ελάχιστ\p{L}*|nhỏ nhất|thấp nhất|terendah|terkecil|الأدنى|ต่ำสุด/gu, " minimum "],
  [/已用|使用中|使用量|사용|занят\p{L}*|использ\p{L}*|belegt\p{L}*|genutzt\p{L}*|usad[ao]?s?\b|utilis[ée]+e?s?\b|utilizad[ao]|utilizzat[ao]|occupat[ao]|ocupad[ao]|\bbrukt\b|använt|\bbrugt\b|gebruikt|felhasznált|foglalt|folosit[aă]?|zajęt\p{L}*|użyt\p{L}*|obsazen\p{L}*|použit\p{L}*|zauzet\p{L}*|kullanılan|terpakai|đã dùng|مستخدم\p{L}*/gu, " used "],
  [/总共|总计|总量|總量|合計|всего|gesamt\p{L}*|totaal|toplam|razem|celkem|ukupno|összes|yhteensä/gu, " total "],
  [/碎片/gu, " fragmentation "],
  [/内部|片内|內部|внутр\p{L}*|\bintern[aeo]?s?\b|wewnętrzn\p{L}*|vnitřní/gu, " internal "],
  [/外部|片外|внешн\p{L}*|\bextern[aeo]?s?\b|zewnętrzn\p{L}*/gu, " psram "],
  [/макс(?![\p{L}])|m[áa]x(?![\p{L}])/gu, " max "],
  [/мин(?![\p{L}])|m[íi]n(?![\p{L}])/gu, " minimum "],
  [/блок\p{L}*|块|ブロック|블록/gu, " block "],
]; // prettier-ignore

/** The letters of memory words, for a first look at a line. */
export const FOREIGN_MEMORY =
  /内存|內存|記憶體|メモリ|메모리|памят|памет|пам.?ят|speicher|mém[oó]i?r|mem[oóò]ria|堆|ヒープ|힙|куч[аиу]|geheugen|bellek|pamię|pamět|pamä|memori[ej]|memori |hukommelse|\bminnet? |ledig[ta]?e? minne|\bmuisti|pomnilnik|atmint|atmiņ|\bmälu|\btas (?:libre|dispo|utilis|mini|restant)|sterta|\bhalda |mont[ií]culo|yığın|μνήμη|bộ nhớ|ذاكرة|זיכרון|หน่วยความจำ|حافظه|मेमोरी/i;
/** Phrases in plain letters beside them, which mean nothing else. */
const PHRASES =
  /\bplus (?:gros|grand|petit|bas)|\bledig|szabad|vapaa|terbesar|terendah|terkecil|tersisa|\bbebas\b|legnagyobb|legkisebb|\bsuurin\b|\bpienin\b|\bcel mai\b|gebruikt|\b(?:mas|piu) grande|\bmas baj|slobodn|dostupn|toplam|razem|ukupno|celkem|storst|\blagsta|laveste|laagste|utiliza|utilizzat|occupat|ocupad|restante?\b|grootste|kleinste|niedrigste/i;

/** True where a text has to be put into English first. */
export function isForeign(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- what is not ASCII
  return /[^\x00-\x7f]/.test(text) || FOREIGN_MEMORY.test(text) || PHRASES.test(text);
}

export function inEnglish(text: string): string {
  const lower = text.toLowerCase();
  return MEANINGS.reduce((told, [words, means]) => told.replace(words, means), lower);
}

/** How long a program has run. */
export const FOREIGN_UPTIME =
  /betriebszeit|laufzeit|temps de fonctionnement|temps d'activité|tiempo (?:activo|encendido|de actividad)|tempo (?:di attività|de atividade|ligado)|время работы|час роботи|czas pracy|doba běhu|drifttid|oppetid|oppe tid|üzemidő|çalışma süresi|bedrijfstijd|looptijd|käyttöaika|运行时间|運行時間|运行时长|稼働時間|가동 ?시간/i;

/** Days, hours, minutes, seconds. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d ?)(?:tag(?:e|en)?\b|jours?\b|j\b|días?\b|dias?\b|giorn[io]\b|д(?:н\p{L}*|ень)?(?!\p{L})|dni\b|dzień\b|dn[íy]\b|dag(?:en|ar|er)?\b|nap\b|gün\b|pv\b|天|日|일)\.?/giu, "d "],
  [/(?<=\d ?)(?:std\b|stunden?\b|heures?\b|horas?\b|or[ae]\b|ч(?:ас\p{L}*)?(?!\p{L})|год(?!\p{L})|godz\b|hodin\p{L}*|uur\b|u\b|tim(?:mar|er)?\b|óra\b|saat\b|小时|小時|時間|时|時|시간)\.?/giu, "h "],
  [/(?<=\d ?)(?:minut\p{L}*|min\b|мин\p{L}*|хв\p{L}*|perc\b|dk\b|分钟|分鐘|分|분)\.?/giu, "m "],
  [/(?<=\d ?)(?:sekund\p{L}*|sek\b|secondes?\b|segundos?\b|second[io]\b|сек\p{L}*|с(?!\p{L})|másodperc\b|mp\b|sn\b|秒|초)\.?/giu, "s "],
]; // prettier-ignore

/** With the words of `FOREIGN_UPTIME` and its units in English; the same text where it has none. */
export function uptimeInEnglish(text: string): string {
  if (!FOREIGN_UPTIME.test(text)) return text;
  const english = text.replace(FOREIGN_UPTIME, "uptime").replaceAll("：", ": ");
  const told = UNITS.reduce((before, [words, unit]) => before.replace(words, unit), english);
  return told.replace(/(\d) ?([dhms])[\s,]+/g, "$1$2 ").trim();
}
