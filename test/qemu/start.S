# Where QEMU's machine "virt" begins when it is started with -bios none: 0x80000000, machine mode.
    .option arch, +zicsr
    .section .text.start
    .globl _start
_start:
    la sp, stack_end
    la t0, trap
    csrw mtvec, t0
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
    call bare_power_off
    .balign 4
trap:
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call bare_trap
