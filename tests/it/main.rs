//! The tests of grantproof that go through its public face: the binary, the files in `scenarios/`, the shape of the source.

mod architecture;
mod canaries;
mod catalogue;
mod confusion;
mod golden;
mod program;
mod properties;
mod readme;
mod what_if;
