/** A file looked at in the page: pictures as blobs, text as text, a PDF in the browser's own viewer in a frame. */
import { useEffect, useState } from "preact/hooks";
import { addressOf } from "../api/client";
import type { Attachment } from "../api/wire";
import { words } from "../words/panels";
import { say } from "../words/say";

const TEXT_MAX = 200_000;

export function Preview({ file, number }: { readonly file: Attachment; readonly number: number }) {
  const address = addressOf(`/submissions/${number}/attachments/${file.id}`, { preview: true });
  const label = say(words.preview, { name: file.name });
  return (
    <section class="preview" aria-label={label}>
      <h2 class="h">{file.name}</h2>
      {file.media_type.startsWith("image/") ? (
        <Picture address={address} label={label} />
      ) : file.media_type === "application/pdf" ? (
        <iframe src={address} title={label} />
      ) : file.media_type.startsWith("text/") ? (
        <Text address={address} label={label} />
      ) : (
        <p class="small sec">{say(words.noPreview)}</p>
      )}
    </section>
  );
}

function Picture({ address, label }: { readonly address: string; readonly label: string }) {
  const [source, show] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    void fetch(address).then((answer) => answer.blob()).then((blob) => show((made = URL.createObjectURL(blob))));
    return () => void (made && URL.revokeObjectURL(made));
  }, [address]);
  return source ? <img src={source} alt={label} /> : null;
}

function Text({ address, label }: { readonly address: string; readonly label: string }) {
  const [text, show] = useState("");
  useEffect(() => void fetch(address).then((answer) => answer.text()).then((told) => show(told.slice(0, TEXT_MAX))), [address]);
  return <pre tabIndex={0} aria-label={label}>{text}</pre>;
}
