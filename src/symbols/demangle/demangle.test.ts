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
    // Arguments of the function's own template, not those of a type that was read in between.
    [
      "_ZNSt6vectorIiSaIiEE17_M_realloc_insertIJiEEEvN9__gnu_cxx17__normal_iteratorIPiS1_EEDpOT_",
      "void std::vector<int, std::allocator<int> >::_M_realloc_insert<int>(__gnu_cxx::__normal_iterator<int*, std::vector<int, std::allocator<int> > >, int&&)",
    ],
    [
      "_ZSt11make_sharedI3FooJRKiEESt10shared_ptrIT_EDpOT0_",
      "std::shared_ptr<Foo> std::make_shared<Foo, int const&>(int const&)",
    ],
    [
      "_ZSt11make_uniqueI3FooJiEENSt8__detail9_MakeUniqIT_E15__single_objectEDpOT0_",
      "std::__detail::_MakeUniq<Foo>::__single_object std::make_unique<Foo, int>(int&&)",
    ],
    ["_ZNK3$_0clEv", "$_0::operator()() const"],
    ["_ZNK4initMUlvE_clEv", "init::{lambda()#1}::operator()() const"],
    ["_Z4nextIiEDTcl7advancefp_EET_", "decltype (advance({parm#1})) next<int>(int)"],
    [
      "_Z1fIiENSt9enable_ifIXsr3std11is_integralIT_EE5valueEvE4typeES1_",
      "std::enable_if<std::is_integral<int>::value, void>::type f<int>(int)",
    ],
    ["_ZN1AcvT_IiEEv", "A::operator int<int>()"],
    ["_Z3runIZ4mainEUlT_E_EvS0_", "void run<main::{lambda(auto:1)#1}>(main::{lambda(auto:1)#1})"],
    ["_Z1fIJEEvDpT_", "void f<>()"],
    ["_Z4callM3FooKFivE", "call(int (Foo::*)() const)"],
    ["_ZTv0_n12_N3Foo3runEv", "virtual thunk to Foo::run()"],
    ["_ZTC3Foo0_3Bar", "construction vtable for Bar-in-Foo"],
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
    ["_RINvC7mycrate5applyNCNvB2_4main0EB2_", "mycrate::apply::<mycrate::main::{closure#0}>"],
    ["_RMC7mycrateINtB0_1KKb1_Kln5_E", "<mycrate::K<true, -5>>"],
    ["_RINvC7mycrate3genRDNtB2_5ShapeEL_EB2_", "mycrate::gen::<&dyn mycrate::Shape>"],
    ["_RINvC7mycrate3genFG_RL0_eEuEB2_", "mycrate::gen::<for<'a> fn(&'a str)>"],
    ["_RINvC7mycrate3genFKCPhEzEB2_", 'mycrate::gen::<extern "C" fn(*const u8) -> !>'],
    ["_RNvC7mycrateu8gdel_5qa", "mycrate::gödel"],
    ["_RINvC7mycrate1fKRe68692122_EB2_", 'mycrate::f::<"hi!\\"">'],
    ["_RINvC7mycrate1fKVNtB2_5PointS1xl1_1yln2_EEB2_", "mycrate::f::<{mycrate::Point { x: 1, y: -2 }}>"],
    ["_RINvC7mycrate1fKTAh1_h2_EEEB2_", "mycrate::f::<{([1, 2],)}>"],
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

test("a name whose substitutions double it again and again costs what a long name costs", () => {
  const names = ["S_", ...Array.from({ length: 35 }, (_, i) => `S${i.toString(36).toUpperCase()}_`)];
  let body = "1AIiE";
  for (let i = 1; i < 19; i += 2) body += `1BI${names[i]}${names[i]}E`;
  for (let i = 0; i < 200; i++) {
    const name = `_Z4f${100 + i}${body}${"SJ_".repeat(2000)}`;
    expect(demangle(name).length).toBeLessThanOrEqual(Math.max(name.length, 16_384));
  }
});

test("names that grow without end are left alone", () => {
  const doubling = `_Z1fI${"SaI".repeat(30)}i${"E".repeat(31)}v${"S_S0_S1_S2_".repeat(200)}`;
  expect(demangle(doubling).length).toBeLessThan(100_000);
});
