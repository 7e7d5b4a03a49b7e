# A stack, and main.
    .section .text.unlikely, "ax" # which the linker puts first
    .globl _start
_start:
    li sp, 0x80100000
    call main
1:  j 1b
