# An index: each line is a plain cargo line.

ci: fmt clippy test doc
    bash .ci/run

fmt:
    cargo fmt --check

clippy:
    cargo clippy --all-targets -- -D warnings

test:
    cargo test

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

bench:
    cargo bench

# Writes the expected outputs anew; read the difference like code.
bless:
    GRANTPROOF_BLESS=1 cargo test --test it
