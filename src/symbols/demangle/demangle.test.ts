// Names as c++filt and rustfilt write them; the differential test holds many more against addr2line -C.
import { describe, expect, test } from "vitest";
import { demangle } from "./demangle.ts";

describe("C++", () => {
  test.each([
    ["_Z3foov", "foo()"],
    ["_ZN3foo3barEii", "foo::bar(int, int)"],
    ["_ZNK3foo3barEv", "foo::bar() const"],
    ["_ZN3FooC2ERKS_", "Foo::Foo(Foo const&)"],
    ["_ZN3FooD0Ev", "Foo::~Foo()"],
    ["_Znwj", "operator new(unsigned int)"],
    ["_ZdlPvj", "operator delete(void*, unsigned int)"],
    ["_ZN3FooixEi", "Foo::operator[](int)"],
    ["_ZNK3FoocvbEv", "Foo::operator bool() const"],
    ["_Z5applyPFivEPKc", "apply(int (*)(), char const*)"],
    ["_Z4sizeRA10_Kc", "size(char const (&) [10])"],
    ["_ZNSt6vectorIiSaIiEE9push_backEOi", "std::vector<int, std::allocator<int> >::push_back(int&&)"],
    [
      "_ZNSsC1EPKcRKSaIcE",
      "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(char const*, std::allocator<char> const&)",
    ],
    ["_Z3maxIiET_S0_S0_", "int max<int>(int, int)"],
    ["_Z3sumIJicbEEjDpT_", "unsigned int sum<int, char, bool>(int, char, bool)"],
    ["_ZN12_GLOBAL__N_14initEv", "(anonymous namespace)::init()"],
    ["_ZZ4mainENKUliE_clEi", "main::{lambda(int)#1}::operator()(int) const"],
    ["_ZZ4mainE5count_0", "main::count"],
    ["_ZTV3Foo", "vtable for Foo"],
    ["_ZGVZ4mainE5count", "guard variable for main::count"],
    ["_ZThn8_N3Foo3runEv", "non-virtual thunk to Foo::run()"],
    ["_Z5arrayIXLj4EEEvv", "void array<4u>()"],
    ["_ZN3Foo3getB5cxx11Ev", "Foo::get[abi:cxx11]()"],
    ["_ZN3FooaSEOS_", "Foo::operator=(Foo&&)"],
    ["_Z1fM3FooKFivE", "f(int (Foo::*)() const)"],
    ["_Z4workv.constprop.0", "work() [clone .constprop.0]"],
  ])("%s", (mangled, readable) => {
    expect(demangle(mangled)).toBe(readable);
  });
});

describe("Rust", () => {
  test.each([
    ["_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place"],
    [
      "_ZN58_$LT$alloc..string..String$u20$as$u20$core..fmt..Debug$GT$3fmt17hba1229bc49e9e3d5E",
      "<alloc::string::String as core::fmt::Debug>::fmt",
    ],
    ["_RNvC7mycrate3foo", "mycrate::foo"],
    ["_RNvCs1234_7mycrate3foo", "mycrate::foo"],
    ["_RNvMNtC7mycrate3barNtB2_3Baz3new", "<mycrate::bar::Baz>::new"],
    ["_RNCNvC7mycrate4main0", "mycrate::main::{closure#0}"],
    ["_RINvC7mycrate3addmE", "mycrate::add::<u32>"],
    ["_RNvXs_C7mycrateNtB4_3FooNtNtC4core3fmt7Display3fmt", "<mycrate::Foo as core::fmt::Display>::fmt"],
  ])("%s", (mangled, readable) => {
    expect(demangle(mangled)).toBe(readable);
  });
});

test("what is not mangled, or not understood, stays as it is", () => {
  for (const name of [
    "main",
    "",
    "_",
    "_Z",
    "_ZN",
    "_ZN3foo",
    "_Z3fooX",
    "_R",
    "_RNv",
    "_start",
    "_ZSt",
    `_ZN${"9".repeat(400)}E`,
  ]) {
    expect(demangle(name)).toBe(name);
  }
});

test("names that grow without end are left alone", () => {
  const doubling = `_Z1fI${"SaI".repeat(30)}i${"E".repeat(31)}v${"S_S0_S1_S2_".repeat(200)}`;
  expect(demangle(doubling).length).toBeLessThan(100_000);
});
