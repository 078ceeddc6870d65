/** The name with its mark. */
export function Wordmark() {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 10 }}>
      <img src="/icon.svg" alt="" width={28} height={28} />
      <span className="serif" style={{ fontSize: "1.4rem", fontWeight: 500, letterSpacing: "-0.01em" }}>
        Lyceum
      </span>
    </span>
  );
}
