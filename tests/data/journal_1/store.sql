BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE attempts (
	attempt_id TEXT NOT NULL, 
	lead_id TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	presented_number TEXT NOT NULL, 
	trunk TEXT NOT NULL, 
	state TEXT NOT NULL, 
	planned_at TEXT NOT NULL, 
	card_text_hash TEXT, 
	card_submitted_at TEXT, 
	card_delivered_at TEXT, 
	card_outcome TEXT, 
	card_receipt_ms INTEGER, 
	card_lead_ms INTEGER, 
	invite_sent_at TEXT, 
	rang_at TEXT, 
	answered_at TEXT, 
	ended_at TEXT, 
	outcome TEXT, 
	failure_cause TEXT, 
	evidence TEXT NOT NULL, 
	answers TEXT NOT NULL, 
	recording TEXT, 
	card_channel TEXT, 
	PRIMARY KEY (attempt_id)
);
INSERT INTO "attempts" VALUES('at_00','ld_00','autumn','ca_00','+862150000100','main','ended','2026-11-02T02:00:00+00:00',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-02T02:00:00+00:00',NULL,NULL,'2026-11-02T02:01:00+00:00','answered',NULL,'{}','{}',NULL,NULL);
INSERT INTO "attempts" VALUES('at_01','ld_01','autumn','ca_01','+862150000100','main','ended','2026-11-02T02:00:00+00:00',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-02T02:01:00+00:00',NULL,NULL,'2026-11-02T02:02:00+00:00','answered',NULL,'{}','{}',NULL,NULL);
CREATE TABLE blocks (
	block_id INTEGER NOT NULL, 
	callee_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	lifted_at TEXT, 
	lifted_by TEXT, 
	lift_reason TEXT, 
	PRIMARY KEY (block_id)
);
INSERT INTO "blocks" VALUES(1,'ca_06','2026-11-02T02:10:00+00:00','court','zhang',NULL,NULL,NULL);
CREATE TABLE callee_requests (
	request_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	due_on TEXT NOT NULL, 
	is_open INTEGER NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (request_id)
);
CREATE TABLE callees (
	callee_id TEXT NOT NULL, 
	number TEXT NOT NULL, 
	number_hmac BLOB NOT NULL, 
	number_class TEXT NOT NULL, 
	region TEXT, 
	zone_names TEXT NOT NULL, 
	PRIMARY KEY (callee_id)
);
INSERT INTO "callees" VALUES('ca_00','+8613800000000',X'A687171B44DF0B4A8AA25C9450FE46A77F30A281660FE66F61B41F163F48F385','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_01','+8613800000001',X'669474516CAAA27360AD6C99326F22124C6F366965BA1994D5D4BA4CD1CD8697','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_02','+8613800000002',X'C4B2A660EAE69C290F7DE61287EA6AAB5433CEBD04CB31F26DFE891CC1943104','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_03','+8613800000003',X'5A6AE4DC9151839B06F67E34A1F867A88440854DACA500894E9E667844C49BFB','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_04','+8613800000004',X'D614592BEF56D62018625D85EEA472B14B957E9ACB2B77957AD4F1B4A0E2CBD7','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_05','+8613800000005',X'FC0C19A10E29D1D7323CA13C11872592B73EF59AFF585E53167E5FFFCB654E6B','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_06','+8613800000006',X'35193DD10E9028EB690FC237B323438251E428FF3DEECC4800506318FC57D4DF','mobile','CN','["Asia/Shanghai"]');
INSERT INTO "callees" VALUES('ca_07','+8613800000007',X'73F57C620D153640FF85951A1F4611BADFE9D97F679445CCB0C205CE25A54A74','mobile','CN','["Asia/Shanghai"]');
CREATE TABLE campaigns (
	campaign_id TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (campaign_id)
);
CREATE TABLE card_submissions (
	card_id TEXT NOT NULL, 
	attempt_id TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	submitted_at TEXT NOT NULL, 
	outcome TEXT, 
	receipt_ms INTEGER, 
	token TEXT, 
	public_key BLOB, 
	PRIMARY KEY (card_id)
);
CREATE TABLE cards_sent (
	card_id INTEGER NOT NULL, 
	callee_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (card_id)
);
CREATE TABLE checkpoints (
	number INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	day TEXT NOT NULL, 
	signed_at TEXT NOT NULL, 
	key_id TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	signature TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "checkpoints" VALUES(1,21,'61a31b7683d92cea582889f79d36d425e1eb14ca51473a40b1a2fadc2ae642b9','2026-11-02','2026-11-02T11:00:00+00:00','447e29d5278fcbf1','0000000000000000000000000000000000000000000000000000000000000000','f92480efc6ce1783e99109447b37d6c3f1e53af357db8dedd9d11cc78ad8a8ad84a614070856423ec995427dcd652428da27e3de96779bc5369cda24fb911b07');
CREATE TABLE commands (
	command_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at TEXT NOT NULL, 
	is_taken INTEGER NOT NULL, 
	PRIMARY KEY (command_id)
);
CREATE TABLE complaints (
	complaint_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	campaign_id TEXT, 
	received_at TEXT NOT NULL, 
	due_on TEXT NOT NULL, 
	state TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (complaint_id)
);
INSERT INTO "complaints" VALUES('cm_1','ca_07','autumn','2026-11-02T02:12:00+00:00','2026-11-23','open','{"about":"","actor":"zhang","attempt_id":null,"callee_id":"ca_07","campaign_id":"autumn","closed_at":null,"closed_by":null,"complaint_id":"cm_1","due_on":"2026-11-23","due_rule":"house","presented":"+862150000100","received_at":"2026-11-02T02:12:00+00:00","resolution":"","source":"carrier","state":"open"}');
CREATE TABLE consents (
	consent_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (consent_id)
);
INSERT INTO "consents" VALUES('cs_1','ca_03','{"actor":"zhang","callee_id":"ca_03","channel":"voice","consent_id":"cs_1","evidence":"form","expires_at":null,"granted_at":"2026-11-02T02:05:00+00:00","is_spoken":false,"proof_file":null,"purpose":"care","retain_until":null,"withdrawn_at":null,"withdrawn_by":null,"wording":"同意"}');
INSERT INTO "consents" VALUES('cs_2','ca_04','{"actor":"zhang","callee_id":"ca_04","channel":"voice","consent_id":"cs_2","evidence":"form","expires_at":null,"granted_at":"2026-11-02T02:05:00+00:00","is_spoken":false,"proof_file":null,"purpose":"care","retain_until":null,"withdrawn_at":"2026-11-02T02:08:00+00:00","withdrawn_by":"zhang","wording":"同意"}');
CREATE TABLE freezes (
	freeze_id INTEGER NOT NULL, 
	callee_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	frozen_until TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	rule_id TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	lifted_at TEXT, 
	lifted_by TEXT, 
	lift_reason TEXT, 
	PRIMARY KEY (freeze_id)
);
INSERT INTO "freezes" VALUES(1,'ca_06','2026-11-02T02:11:00+00:00','2026-12-02T02:00:00+00:00','by-hand','by-hand','zhang',NULL,NULL,NULL);
INSERT INTO "freezes" VALUES(2,'ca_07','2026-11-02T02:12:00+00:00','2027-01-31T02:00:00+00:00','complaint','complaint','zhang',NULL,NULL,NULL);
CREATE TABLE histories (
	callee_id TEXT NOT NULL, 
	history TEXT NOT NULL, 
	PRIMARY KEY (callee_id)
);
CREATE TABLE inbound_calls (
	inbound_id TEXT NOT NULL, 
	campaign_id TEXT, 
	callee_id TEXT, 
	is_open INTEGER NOT NULL, 
	answers TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (inbound_id)
);
CREATE TABLE journal (
	seq INTEGER NOT NULL, 
	campaign_id TEXT, 
	canonical TEXT NOT NULL, 
	prev_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "journal" VALUES(1,'autumn','{"at":"2026-11-02T02:00:00+00:00","attempt_id":null,"callee_id":null,"campaign_id":"autumn","facts":{"leads":8,"rows":8},"kind":"ContactsImported","lead_id":null,"seq":1}','0000000000000000000000000000000000000000000000000000000000000000','7de5e3539ae346b9c812484272898275450f1fd0b3f326486094719135f366a4');
INSERT INTO "journal" VALUES(2,'autumn','{"at":"2026-11-02T02:00:00+00:00","attempt_id":null,"callee_id":null,"campaign_id":"autumn","facts":{"closed_as_unknown":0,"leads":8,"waiting":8},"kind":"CampaignStarted","lead_id":null,"seq":2}','7de5e3539ae346b9c812484272898275450f1fd0b3f326486094719135f366a4','ec47556d3ecef135993d9342093aa282a835eba3376b1904354b4bb5ab7b109b');
INSERT INTO "journal" VALUES(3,'autumn','{"at":"2026-11-02T02:00:00+00:00","attempt_id":"at_00","callee_id":"ca_00","campaign_id":"autumn","facts":{},"kind":"AttemptPlanned","lead_id":"ld_00","seq":3}','ec47556d3ecef135993d9342093aa282a835eba3376b1904354b4bb5ab7b109b','a635df9458af0cc8265489fe5292657c1b4e68b5aeb723b7433e89cc372d4fee');
INSERT INTO "journal" VALUES(4,'autumn','{"at":"2026-11-02T02:00:00+00:00","attempt_id":"at_00","callee_id":"ca_00","campaign_id":"autumn","facts":{"card":"none","trunk":"main"},"kind":"InviteSent","lead_id":"ld_00","seq":4}','a635df9458af0cc8265489fe5292657c1b4e68b5aeb723b7433e89cc372d4fee','c149c358b5d8ecec701adb8c51eae3097222842d8ca720d83f8e631f75dfc4f8');
INSERT INTO "journal" VALUES(5,'autumn','{"at":"2026-11-02T02:01:00+00:00","attempt_id":"at_00","callee_id":"ca_00","campaign_id":"autumn","facts":{"cause":null,"outcome":"answered"},"kind":"AttemptEnded","lead_id":"ld_00","seq":5}','c149c358b5d8ecec701adb8c51eae3097222842d8ca720d83f8e631f75dfc4f8','57786e2a671cbaec359899399ea7807e616a6848245bd4e0b18dcbaa4461ce7d');
INSERT INTO "journal" VALUES(6,'autumn','{"at":"2026-11-02T02:00:00+00:00","attempt_id":"at_01","callee_id":"ca_01","campaign_id":"autumn","facts":{},"kind":"AttemptPlanned","lead_id":"ld_01","seq":6}','57786e2a671cbaec359899399ea7807e616a6848245bd4e0b18dcbaa4461ce7d','339d670561c1bc145391dd383600cd3bbb870e7efdeca60830678e9022b92883');
INSERT INTO "journal" VALUES(7,'autumn','{"at":"2026-11-02T02:01:00+00:00","attempt_id":"at_01","callee_id":"ca_01","campaign_id":"autumn","facts":{"card":"none","trunk":"main"},"kind":"InviteSent","lead_id":"ld_01","seq":7}','339d670561c1bc145391dd383600cd3bbb870e7efdeca60830678e9022b92883','2d66fbddd73eb497bcf7db33962be601c5ca0cffc7c77ff3ba7b5e25d36d4ea9');
INSERT INTO "journal" VALUES(8,'autumn','{"at":"2026-11-02T02:02:00+00:00","attempt_id":"at_01","callee_id":"ca_01","campaign_id":"autumn","facts":{"actor":"bot","channel":"keypad"},"kind":"CalleeRefused","lead_id":"ld_01","seq":8}','2d66fbddd73eb497bcf7db33962be601c5ca0cffc7c77ff3ba7b5e25d36d4ea9','ea81ff24d7b3807453cd846a62f79e67160b0ccfd40124fc3753384b50441c57');
INSERT INTO "journal" VALUES(9,'autumn','{"at":"2026-11-02T02:02:00+00:00","attempt_id":"at_01","callee_id":"ca_01","campaign_id":"autumn","facts":{"cause":null,"outcome":"answered"},"kind":"AttemptEnded","lead_id":"ld_01","seq":9}','ea81ff24d7b3807453cd846a62f79e67160b0ccfd40124fc3753384b50441c57','3db2faf287cd362c2d086c006d787758bcba8cff1a053e84669e37b3fe3cc68a');
INSERT INTO "journal" VALUES(10,NULL,'{"at":"2026-11-02T02:03:00+00:00","attempt_id":null,"callee_id":"ca_02","campaign_id":null,"facts":{"actor":"zhang","channel":"operator"},"kind":"CalleeRefused","lead_id":null,"seq":10}','3db2faf287cd362c2d086c006d787758bcba8cff1a053e84669e37b3fe3cc68a','0ca233dc7ba7623f2d856e624d78abc1529168e0d303dcc47f62a3cd28346394');
INSERT INTO "journal" VALUES(11,NULL,'{"at":"2026-11-02T02:04:00+00:00","attempt_id":null,"callee_id":"ca_03","campaign_id":null,"facts":{"actor":"zhang","channel":"operator"},"kind":"CalleeRefused","lead_id":null,"seq":11}','0ca233dc7ba7623f2d856e624d78abc1529168e0d303dcc47f62a3cd28346394','2fdfe10043d5c722d9bd2ffbe678f8b53d4592f04c2bf1b7e60ce60a0881793e');
INSERT INTO "journal" VALUES(12,NULL,'{"at":"2026-11-02T02:05:00+00:00","attempt_id":null,"callee_id":"ca_03","campaign_id":null,"facts":{"actor":"zhang","channel":"voice","consent":"cs_1","purpose":"care","wording":"同意"},"kind":"ConsentGranted","lead_id":null,"seq":12}','2fdfe10043d5c722d9bd2ffbe678f8b53d4592f04c2bf1b7e60ce60a0881793e','15e145878c80e36b23decc5de79577db4ed0987cd902a16a252c3f7f82383c4f');
INSERT INTO "journal" VALUES(13,NULL,'{"at":"2026-11-02T02:06:00+00:00","attempt_id":null,"callee_id":"ca_03","campaign_id":null,"facts":{"actor":"zhang","kind":"refusal","reason":"agreed"},"kind":"BarLifted","lead_id":null,"seq":13}','15e145878c80e36b23decc5de79577db4ed0987cd902a16a252c3f7f82383c4f','0e96633c59bb969848c34e44ae0dfb39a1ca7ad1f8e67694dd3bf7fee4289580');
INSERT INTO "journal" VALUES(14,NULL,'{"at":"2026-11-02T02:07:00+00:00","attempt_id":null,"callee_id":"ca_04","campaign_id":null,"facts":{"actor":"zhang","channel":"voice","consent":"cs_2","purpose":"care","wording":"同意"},"kind":"ConsentGranted","lead_id":null,"seq":14}','0e96633c59bb969848c34e44ae0dfb39a1ca7ad1f8e67694dd3bf7fee4289580','d02bb5bbc0507b99cbac97dce7d78cca54acde94047b4cbc873d395ba59f65e2');
INSERT INTO "journal" VALUES(15,NULL,'{"at":"2026-11-02T02:08:00+00:00","attempt_id":null,"callee_id":"ca_04","campaign_id":null,"facts":{"actor":"zhang","channel":"voice","consent":"cs_2","purpose":"care"},"kind":"ConsentWithdrawn","lead_id":null,"seq":15}','d02bb5bbc0507b99cbac97dce7d78cca54acde94047b4cbc873d395ba59f65e2','8260bb2c4cfbfb5fb83954be452d8b9195cadc03bc9a0cec3b340474b7b232b7');
INSERT INTO "journal" VALUES(16,NULL,'{"at":"2026-11-02T02:09:00+00:00","attempt_id":null,"callee_id":"ca_05","campaign_id":null,"facts":{"actor":"zhang"},"kind":"PreferenceSet","lead_id":null,"seq":16}','8260bb2c4cfbfb5fb83954be452d8b9195cadc03bc9a0cec3b340474b7b232b7','8b399471ce3c6aad4db70e93876ceb76a1c9fcf70fe270ea78766ac8a7520bef');
INSERT INTO "journal" VALUES(17,NULL,'{"at":"2026-11-02T02:10:00+00:00","attempt_id":null,"callee_id":"ca_06","campaign_id":null,"facts":{"actor":"zhang","reason":"court"},"kind":"CalleeBlocked","lead_id":null,"seq":17}','8b399471ce3c6aad4db70e93876ceb76a1c9fcf70fe270ea78766ac8a7520bef','75cacc096075964e01c32c706f49fa645ccc01e547a3205638066cd338d7c8d1');
INSERT INTO "journal" VALUES(18,NULL,'{"at":"2026-11-02T02:11:00+00:00","attempt_id":null,"callee_id":"ca_06","campaign_id":null,"facts":{"actor":"zhang","rule":"by-hand","until":"2026-12-02T02:00:00+00:00"},"kind":"CalleeFrozen","lead_id":null,"seq":18}','75cacc096075964e01c32c706f49fa645ccc01e547a3205638066cd338d7c8d1','4044cd9ad592c3a986fe238a8618d80df52c50af8412a11fd16a47305a4a294d');
INSERT INTO "journal" VALUES(19,'autumn','{"at":"2026-11-02T02:12:00+00:00","attempt_id":null,"callee_id":"ca_07","campaign_id":"autumn","facts":{"actor":"zhang","complaint":"cm_1","due_on":"2026-11-23","source":"carrier"},"kind":"ComplaintReceived","lead_id":null,"seq":19}','4044cd9ad592c3a986fe238a8618d80df52c50af8412a11fd16a47305a4a294d','4c0413607eafc969797c187e9ef0d7182e01266ca47306eacf6f95f528ecc68c');
INSERT INTO "journal" VALUES(20,NULL,'{"at":"2026-11-02T02:12:00+00:00","attempt_id":null,"callee_id":"ca_07","campaign_id":null,"facts":{"actor":"zhang","rule":"complaint","until":"2027-01-31T02:00:00+00:00"},"kind":"CalleeFrozen","lead_id":null,"seq":20}','4c0413607eafc969797c187e9ef0d7182e01266ca47306eacf6f95f528ecc68c','838cf21be0a82f3f6b7fe966c040ec7ad213d067eea497546cc2163db189bf02');
INSERT INTO "journal" VALUES(21,'autumn','{"at":"2026-11-02T02:12:00+00:00","attempt_id":null,"callee_id":"ca_07","campaign_id":"autumn","facts":{"actor":"zhang","complaint":"cm_1","number":"+862150000100","reason":"complaint"},"kind":"NumberSuspended","lead_id":null,"seq":21}','838cf21be0a82f3f6b7fe966c040ec7ad213d067eea497546cc2163db189bf02','61a31b7683d92cea582889f79d36d425e1eb14ca51473a40b1a2fadc2ae642b9');
CREATE TABLE leads (
	lead_id TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	"row" INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	slots TEXT NOT NULL, 
	source TEXT NOT NULL, 
	legal_basis TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	not_before TEXT, 
	attempts INTEGER NOT NULL, 
	last_outcome TEXT, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (lead_id)
);
INSERT INTO "leads" VALUES('ld_00','autumn','ca_00',2,'客户0','{"order":"00"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_01','autumn','ca_01',3,'客户1','{"order":"01"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_02','autumn','ca_02',4,'客户2','{"order":"02"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_03','autumn','ca_03',5,'客户3','{"order":"03"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_04','autumn','ca_04',6,'客户4','{"order":"04"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_05','autumn','ca_05',7,'客户5','{"order":"05"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_06','autumn','ca_06',8,'客户6','{"order":"06"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
INSERT INTO "leads" VALUES('ld_07','autumn','ca_07',9,'客户7','{"order":"07"}','orders','contract','',0,'waiting',NULL,0,NULL,'');
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('number_key','1303b41a2675344c738d7e3cd51d1264dfde43a10197b84040e3f571bebfeca5');
INSERT INTO "meta" VALUES('changes','14');
CREATE TABLE page_cards (
	code_hmac BLOB NOT NULL, 
	attempt_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	made_at TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	journal_from_seq BIGINT NOT NULL, 
	journal_until_seq BIGINT NOT NULL, 
	PRIMARY KEY (code_hmac)
);
CREATE TABLE preferences (
	callee_id TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (callee_id)
);
INSERT INTO "preferences" VALUES('ca_05','{"actor":"zhang","callee_id":"ca_05","channels":null,"language":null,"purposes":null,"set_at":"2026-11-02T02:09:00+00:00","windows":[["10:00:00","12:00:00"]]}');
CREATE TABLE qualifications (
	qualification_id TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (qualification_id)
);
CREATE TABLE refusals (
	refusal_id INTEGER NOT NULL, 
	callee_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	evidence TEXT, 
	lifted_at TEXT, 
	lifted_by TEXT, 
	lift_reason TEXT, 
	PRIMARY KEY (refusal_id)
);
INSERT INTO "refusals" VALUES(1,'ca_01','2026-11-02T02:02:00+00:00','keypad','bot','{"attempt_id":"at_01"}',NULL,NULL,NULL);
INSERT INTO "refusals" VALUES(2,'ca_02','2026-11-02T02:03:00+00:00','operator','zhang',NULL,NULL,NULL,NULL);
INSERT INTO "refusals" VALUES(3,'ca_03','2026-11-02T02:04:00+00:00','operator','zhang',NULL,'2026-11-02T02:06:00+00:00','zhang','agreed');
CREATE TABLE registries (
	name TEXT NOT NULL, 
	generation BIGINT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE registry_pages (
	generation INTEGER NOT NULL, 
	page INTEGER NOT NULL, 
	hashes BLOB NOT NULL, 
	PRIMARY KEY (generation, page)
);
CREATE TABLE signing_keys (
	place INTEGER NOT NULL, 
	statement TEXT NOT NULL, 
	PRIMARY KEY (place)
);
INSERT INTO "signing_keys" VALUES(1,'{"endorsement": null, "made_at": "2026-11-02T02:00:00+00:00", "organisation": "云杉优选商城", "previous_key": null, "public_key": "210c909f5e29beab20b455e03b74dc28f8ffc5029edc63013a5b6328beecd1c6", "signature": "3f75500ff85d7e9c6d1bcbae71d2c817baf2bc17e3f9680be7ec2ee2774a1421265c7348de93dc80c8bd744f5ec31879d627f7633851f76298af43de77524801"}');
CREATE TABLE suspects (
	suspect_id TEXT NOT NULL, 
	callee_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	quote TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (suspect_id)
);
CREATE TABLE suspensions (
	suspension_id TEXT NOT NULL, 
	number TEXT NOT NULL, 
	is_active INTEGER NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (suspension_id)
);
INSERT INTO "suspensions" VALUES('ns_1','+862150000100',1,'{"actor":"zhang","at":"2026-11-02T02:12:00+00:00","complaint_id":"cm_1","lift_reason":"","lifted_at":null,"lifted_by":null,"number":"+862150000100","reason":"complaint","suspension_id":"ns_1"}');
CREATE UNIQUE INDEX callees_by_number ON callees (number_hmac);
CREATE INDEX leads_by_campaign ON leads (campaign_id, "row");
CREATE INDEX attempts_by_campaign ON attempts (campaign_id, invite_sent_at);
CREATE INDEX attempts_by_number ON attempts (presented_number, invite_sent_at, outcome);
CREATE INDEX attempts_by_callee ON attempts (callee_id, attempt_id);
CREATE INDEX attempts_open ON attempts (campaign_id, attempt_id) WHERE state <> 'ended';
CREATE INDEX refusals_by_callee ON refusals (callee_id);
CREATE INDEX freezes_by_callee ON freezes (callee_id);
CREATE INDEX consents_by_callee ON consents (callee_id);
CREATE INDEX blocks_by_callee ON blocks (callee_id);
CREATE INDEX complaints_by_campaign ON complaints (campaign_id, received_at);
CREATE INDEX complaints_by_callee ON complaints (callee_id);
CREATE INDEX cards_sent_by_callee ON cards_sent (callee_id, at);
CREATE INDEX card_submissions_by_campaign ON card_submissions (campaign_id);
CREATE INDEX card_submissions_by_attempt ON card_submissions (attempt_id);
CREATE INDEX card_submissions_by_callee ON card_submissions (callee_id);
CREATE INDEX page_cards_by_expiry ON page_cards (expires_at);
CREATE INDEX page_cards_by_callee ON page_cards (callee_id);
CREATE INDEX callee_requests_by_open ON callee_requests (is_open, due_on);
CREATE INDEX callee_requests_by_callee ON callee_requests (callee_id);
CREATE INDEX suspects_by_state ON suspects (state, suspect_id);
CREATE INDEX suspects_by_callee ON suspects (callee_id);
CREATE INDEX suspensions_by_active ON suspensions (is_active, number);
CREATE INDEX inbound_calls_by_campaign ON inbound_calls (campaign_id, inbound_id);
CREATE INDEX inbound_calls_by_open ON inbound_calls (is_open, inbound_id);
CREATE INDEX inbound_calls_by_callee ON inbound_calls (callee_id);
CREATE INDEX journal_by_campaign ON journal (campaign_id, seq);
CREATE INDEX commands_by_taken ON commands (is_taken);
COMMIT;
