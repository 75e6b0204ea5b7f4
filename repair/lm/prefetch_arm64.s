#include "textflag.h"

// func prefetch(p unsafe.Pointer, a, b, c uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-32
	MOVD p+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD c+24(FP), R3
	ADD R0, R1, R1
	ADD R0, R2, R2
	ADD R0, R3, R3
	PRFM (R1), PLDL1KEEP
	PRFM (R2), PLDL1KEEP
	PRFM (R3), PLDL1KEEP
	RET
