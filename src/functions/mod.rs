//! Functions of the language: declarations and kernels.
