// Package errors stands in for the one of this name; see the package above it.
package errors

type ValidationError struct{ Message string }

func (e *ValidationError) Error() string { return e.Message }
