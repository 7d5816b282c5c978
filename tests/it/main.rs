//! The tests of grantproof that go through its public face: the binary, the files in `scenarios/`, the shape of the source.

mod architecture;
mod canaries;
mod catalogue;
mod golden;
mod program;
mod properties;
mod readme;
mod recording;
