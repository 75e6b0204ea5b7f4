// Package resolve weighs proposals against one another and against leaving the
// text alone: it calibrates their evidence, gives each a tier, and picks the
// best set that does not overlap.
package resolve
