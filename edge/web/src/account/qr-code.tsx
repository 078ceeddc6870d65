import { encode } from "uqr";

/** A text as a QR code, always dark on white, since cameras read no other well. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: 3 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width={184}
      height={184}
      shapeRendering="crispEdges"
      style={{ background: "#fff", borderRadius: 10, flex: "none" }}
    >
      <path d={path} fill="#000" />
    </svg>
  );
}
