// Builds and stamps simplified invoices with zatca-xml-js, as its own example does; prints microseconds by lines.
// usage: NODE_PATH=FOLDER/node_modules node peer.js KEY.pem CERTIFICATE.pem SECONDS LINES...
const fs = require("fs");
const { EGS, ZATCASimplifiedTaxInvoice } = require("zatca-xml-js");
console.log = () => {};  // the library talks

const [keyFile, certificateFile, seconds, ...sizes] = process.argv.slice(2);
const unit = {
  uuid: "6f4d20e0-6bfe-4a80-9389-7dabe6620f12", custom_id: "EGS1", model: "1", CRN_number: "1010647382",
  VAT_name: "Najd Supplies LLC", VAT_number: "399999999900003", branch_name: "Riyadh", branch_industry: "Supply",
  location: { city: "Riyadh", city_subdivision: "Olaya", street: "King Fahd Road", plot_identification: "0000",
              building: "7231", postal_zone: "12214" },
  private_key: fs.readFileSync(keyFile, "utf8"), production_certificate: fs.readFileSync(certificateFile, "utf8"),
};
const egs = new EGS(unit);
const built = (lines) => egs.signInvoice(new ZATCASimplifiedTaxInvoice({ props: {
  egs_info: unit, invoice_counter_number: 1, invoice_serial_number: "EGS1-1", issue_date: "2024-05-14",
  issue_time: "10:24:37",
  previous_invoice_hash: "NWZlY2ViNjZmZmM4NmYzOGQ5NTI3ODZjNmQ2OTZjNzljMmRiYzIzOWRkNGU5MWI0NjcyOWQ3M2EyN2ZiNTdlOQ==",
  line_items: Array.from({ length: lines }, (_, n) => (
    { id: String(n + 1), name: "Printing paper", quantity: 12, tax_exclusive_price: 18.5, VAT_percent: 0.15 })),
} }), true);

const figures = {};
for (const lines of sizes.map(Number)) {
  let best = Infinity;
  const until = Date.now() + 1000 * Number(seconds);
  do {
    const began = process.hrtime.bigint();
    const { signed_invoice_string } = built(lines);
    best = Math.min(best, Number(process.hrtime.bigint() - began) / 1000);
    if (!signed_invoice_string.includes("SignatureValue")) throw new Error("nothing was signed");
  } while (Date.now() < until);
  figures[lines] = best;
}
process.stdout.write(JSON.stringify(figures));
