// Who came by a link to a ticket is led there once they are in, in whatever language they read.
for (const form of document.forms) form.action += location.hash;
for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
