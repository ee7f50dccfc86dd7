-- the wordings shown at the checkout (BGB 312j, 356(5)); a later version is a later row
-- the notice of the right of withdrawal is each seller's
insert into texts (kind, language, version, text, valid_from)
values
  ('immediate_delivery', 'de', '2026-06', 'Ich verlange ausdrücklich, dass Sie vor Ablauf der Widerrufsfrist mit der Ausführung des Vertrags beginnen.', '2026-06-19T00:00:00Z'),
  ('immediate_delivery', 'en', '2026-06', 'I expressly ask you to begin performing the contract before the withdrawal period has ended.', '2026-06-19T00:00:00Z'),
  ('withdrawal_lost', 'de', '2026-06', 'Mir ist bekannt, dass ich mein Widerrufsrecht mit Beginn der Ausführung des Vertrags verliere.', '2026-06-19T00:00:00Z'),
  ('withdrawal_lost', 'en', '2026-06', 'I know that I lose my right of withdrawal when performance of the contract begins.', '2026-06-19T00:00:00Z'),
  ('terms', 'de', '2026-06', 'Es gelten unsere Allgemeinen Geschäftsbedingungen.', '2026-06-19T00:00:00Z'),
  ('terms', 'en', '2026-06', 'Our general terms and conditions apply.', '2026-06-19T00:00:00Z'),
  ('button', 'de', '2026-06', 'zahlungspflichtig bestellen', '2026-06-19T00:00:00Z'),
  ('button', 'en', '2026-06', 'Order with obligation to pay', '2026-06-19T00:00:00Z');
