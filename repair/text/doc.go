// Package text turns bytes into a [Document]: decoded UTF-8 with its blocks,
// sentences and tokens, all by byte offset, and the spans that must not be
// changed. It holds no opinion about what is wrong.
package text
