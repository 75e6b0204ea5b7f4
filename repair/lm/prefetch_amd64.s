#include "textflag.h"

// func prefetch(p unsafe.Pointer, a, b, c uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), AX
	MOVQ a+8(FP), BX
	MOVQ b+16(FP), CX
	MOVQ c+24(FP), DX
	PREFETCHT0 (AX)(BX*1)
	PREFETCHT0 (AX)(CX*1)
	PREFETCHT0 (AX)(DX*1)
	RET
