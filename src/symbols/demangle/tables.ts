// Names of the Itanium C++ ABI mangling (section 5.1): operators, builtin types and the abbreviations of the standard library.

export const OPERATORS: Readonly<Record<string, string>> = {
  nw: "new",
  na: "new[]",
  dl: "delete",
  da: "delete[]",
  aw: "co_await",
  ps: "+",
  ng: "-",
  ad: "&",
  de: "*",
  co: "~",
  pl: "+",
  mi: "-",
  ml: "*",
  dv: "/",
  rm: "%",
  an: "&",
  or: "|",
  eo: "^",
  aS: "=",
  pL: "+=",
  mI: "-=",
  mL: "*=",
  dV: "/=",
  rM: "%=",
  aN: "&=",
  oR: "|=",
  eO: "^=",
  ls: "<<",
  rs: ">>",
  lS: "<<=",
  rS: ">>=",
  eq: "==",
  ne: "!=",
  lt: "<",
  gt: ">",
  le: "<=",
  ge: ">=",
  ss: "<=>",
  nt: "!",
  aa: "&&",
  oo: "||",
  pp: "++",
  mm: "--",
  cm: ",",
  pm: "->*",
  pt: "->",
  cl: "()",
  ix: "[]",
  qu: "?",
};

/** Operators with one operand, as expressions. */
export const UNARY = new Set(["ps", "ng", "ad", "de", "co", "nt", "pp", "mm"]);

/** Operators with two operands, as expressions. */
export const BINARY = new Set(
  "pl mi ml dv rm an or eo aS pL mI mL dV rM aN oR eO ls rs lS rS eq ne lt gt le ge ss aa oo cm".split(" "),
);

export const BUILTIN_TYPES: Readonly<Record<string, string>> = {
  v: "void",
  w: "wchar_t",
  b: "bool",
  c: "char",
  a: "signed char",
  h: "unsigned char",
  s: "short",
  t: "unsigned short",
  i: "int",
  j: "unsigned int",
  l: "long",
  m: "unsigned long",
  x: "long long",
  y: "unsigned long long",
  n: "__int128",
  o: "unsigned __int128",
  f: "float",
  d: "double",
  e: "long double",
  g: "__float128",
  z: "...",
  Dn: "decltype(nullptr)",
  Di: "char32_t",
  Ds: "char16_t",
  Du: "char8_t",
  Da: "auto",
  Dc: "decltype(auto)",
  Dd: "decimal64",
  De: "decimal128",
  Df: "decimal32",
  Dh: "half",
};

/** How the value of a literal of a builtin type is written; types that are not here are written as a cast. */
export const LITERAL_SUFFIX: Readonly<Record<string, string>> = { i: "", j: "u", l: "l", m: "ul", x: "ll", y: "ull" };

/** Abbreviations of the standard library: what is shown, and the template and its arguments whose constructors they have. */
export const STANDARD: Readonly<
  Record<string, { readonly short: string; readonly name: string; readonly args: readonly string[] }>
> = {
  Sa: { short: "allocator", name: "allocator", args: [] },
  Sb: { short: "basic_string", name: "basic_string", args: [] },
  Ss: { short: "string", name: "basic_string", args: ["char", "std::char_traits<char>", "std::allocator<char>"] },
  Si: { short: "istream", name: "basic_istream", args: ["char", "std::char_traits<char>"] },
  So: { short: "ostream", name: "basic_ostream", args: ["char", "std::char_traits<char>"] },
  Sd: { short: "iostream", name: "basic_iostream", args: ["char", "std::char_traits<char>"] },
};

/** Data that compilers make for a type. */
export const SPECIAL_TYPES: Readonly<Record<string, string>> = {
  TV: "vtable for ",
  TT: "VTT for ",
  TI: "typeinfo for ",
  TS: "typeinfo name for ",
  TF: "typeinfo fn for ",
  TJ: "java Class for ",
};

/** Data and functions that compilers make for a variable. */
export const SPECIAL_NAMES: Readonly<Record<string, string>> = {
  GV: "guard variable for ",
  TH: "TLS init function for ",
  TW: "TLS wrapper function for ",
};
