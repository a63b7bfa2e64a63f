"""Two hundred and fifty sentences as people in corrections write them, all of them invented.

A hundred name somebody in custody and a hundred do not; the fifty harder ones were written before the
patterns had seen any of them. No person, number or case is real.
"""

from __future__ import annotations

MUST_WARN = """
WBP a.n. Fulan Saputra akan mengikuti pelatihan barista bersama rombongan.
Pada saat kunjungan, narapidana atas nama Joko Prabowo memeragakan pembuatan tempe.
Tahanan bernama Rudi Hartanto membantu menyiapkan ruang aula.
NIK 3303121204850001 sudah diserahkan ke petugas layanan kunjungan.
Nomor register BI.123/2024 sudah lepas dari program rehabilitasi.
Peserta terbaik: B.I 45/2023, dipindahkan ke blok asimilasi.
Tahanan A.III 12/2024 tidak ikut karena ada sidang.
No. Reg. 77/2023 menjadi tutor kejar paket C.
Warga binaan Ahmad Fauzan (kasus narkotika) menjadi ketua kelompok tani.
Surat keterangan a.n. Slamet bin Karto sudah kami terima.
Napi Budi Santoso menjelaskan proses pembibitan lele kepada tamu.
narapidana berinisial AB menjadi pemandu di bengkel kayu
Klien a.n. Siti Maimunah wajib lapor setiap Senin.
Klien Bapas bernama Dedi Kurniadi sudah bekerja di bengkel.
Anak binaan atas nama Rangga Pratama menampilkan tari saman.
Andikpas a.n. Rizky F. mendapat juara lomba pidato.
Terpidana korupsi Hendra Wijaksana ikut memberi testimoni.
Mohon pemindahan WBP an. Suyono dari blok B ke blok D.
WBP a/n Maryam Lestari memasak untuk tamu.
Warga binaan pemasyarakatan bernama Yohanes Lado memimpin paduan suara.
Eks napi Bambang Suseno kini membuka usaha las.
Mantan narapidana bernama Agus Cahyono hadir sebagai narasumber.
KTP 3174054507900012 dipinjam untuk pendataan warga binaan.
nik wbp: 3578101203770003, mohon dicek di SDP
3201014101950002 adalah nomor kependudukan peserta pelatihan.
Data peserta: 330410 150788 0004, blok C.
Nomor kependudukannya 6471 0221 0992 0005 dan belum terdaftar JKN.
33.74.06.010180.0003 belum masuk data JKN.
Register BIIa 7/2023 dinyatakan lulus pelatihan menjahit.
A.II.101/2024 dititipkan oleh kejaksaan.
Penghuni dengan nomor register A.I 5/2025 sakit dan dirujuk.
bi.12/2024 dan bi.15/2024 sudah ikut sidang TPP
Reg. No. 233/2022 membantu di dapur.
No reg WBP 0456 sudah bebas bersyarat.
Nomor Register Litmas: 21/2024 menunggu hasil asesmen.
Nomor Registrasi Narapidana 1123/2021 bekerja di kebun.
Hasil wawancara: Joko Purnomo (34), narapidana kasus pencurian, merasa terbantu.
RS (27), tahanan titipan, berminat ikut kelas komputer.
Salah satu napi, sebut saja Ujang, bercerita tentang kegiatan sehari-harinya.
Tahanan kasus penggelapan a.n. Lukman Hakim belum boleh ikut.
Remisi a.n. Paulus Kristanto diumumkan saat kunjungan.
Asimilasi atas nama Wahyu Nugraha dimulai pekan depan.
Pembebasan bersyarat a.n. Supardi menunggu SK.
Litmas a.n. Dewi Anjani sudah selesai.
Sidang TPP untuk usulan CB a.n. Gunawan Wibisono ditunda.
Narapidana Andi Saputra divonis 8 tahun dan menjadi instruktur mebel.
Warga binaan Sri Wahyuni memimpin kelompok batik.
WBP Muhammad Ridwan mengikuti ujian paket B.
napi budi santoso kasus sabu ikut kelas hidroponik
wbp joko kasus curanmor jadi koki utama
tahanan agus setiawan dipindah ke blok mawar
Napiter Abdul Karim sudah ikrar setia NKRI.
Residivis Toni Gunadi menjadi ketua kamar.
Nama WBP: Hasan Basori, blok A kamar 3.
Nama narapidana adalah Sutrisno dan ia memimpin kelompok gamelan.
Nama warga binaan: Linda Puspita; keahlian: menjahit.
Terdakwa bernama Feri Irawan masih menjalani sidang.
Tersangka a.n. Doni dititipkan di rutan sejak Mei.
ABH berinisial RK didampingi pembimbing kemasyarakatan.
Anak didik pemasyarakatan a.n. Bagas Aditya menerima ijazah.
Kami bertemu narapidana perempuan bernama Rini Astuti di bengkel batik.
Seorang tahanan wanita bernama Yuliana memimpin senam pagi.
WBP asal Nigeria bernama Samuel Okoro mengajar bahasa Inggris.
Warga binaan kasus korupsi atas nama Ir. Hartono menyusun modul pertanian.
Tamu berbincang dengan narapidana seumur hidup a.n. Markus Tanu.
Residen a.n. Yoga Permana menyelesaikan fase primary.
Peserta rehabilitasi atas nama Dimas Aryo mundur dari program.
Mohon izin foto untuk WBP a.n. Ketut Sudana.
Inmate named Peter Santoso showed us the workshop.
The prisoner John Kurniawan spoke about his training.
Inmates' register No. Reg. 88/2024 was shown to the guests.
We met a detainee called Rahmat in the kitchen.
Berkas PB_a.n._Slamet.pdf dan foto kegiatan terlampir.
Foto WBP_a.n._Sutarno di kebun.
Daftar hadir: WBP a.n Sumarno, WBP a.n Parno, WBP a.n Kasdi.
Tahanan A.III/45/2024 sudah P21 dan tidak ikut tur.
Narapidana B.I/102/2021 menjadi pemuka di bengkel las.
WBP dengan no. register B IIb 3/2024 mengisi acara musik.
Imam salat adalah warga binaan Ustaz Hidayat (kasus terorisme).
Penampilan gitar oleh Rio Febrian (napi narkotika).
Yang bersangkutan, Anton Wijaya (kasus penipuan), akan dipindah.
Juru masak kami adalah Sulastri (WBP blok wanita).
Mohon bantuan untuk tahanan sdr. Irfan yang sedang sakit.
Warga binaan Saudara Tegar telah bebas murni bulan lalu.
Klien dewasa Ahmad Yani wajib mengikuti bimbingan kelompok.
Penghuni kamar 5 bernama Sapto mengelola perpustakaan.
Terpidana mati a.n. Gregor Tan tidak ditampilkan kepada tamu.
Napi inisial HS dan inisial MT melatih tamu membuat roti.
Warga binaan I Wayan Sudarma membuat patung untuk cendera mata.
Narapidana Hj. Nurhayati mengajar mengaji tiap sore.
Peserta kelas musik: WBP alias Komeng dari blok D.
WBP Teguh dan WBP Sugeng memandu tur kebun.
Pelatihan diikuti napi Eko Susilo, Rahmat Hidayat, dan dua orang lain.
Bayi dari WBP bernama Santi dirawat bersama ibunya.
Rekam medis WBP a.n. Nurdin menunjukkan TB paru.
Vonis 12 tahun penjara untuk a.n. Kartono bin Marto sudah inkrah.
Kasus pembunuhan a.n. Riswanto menjadi bahan diskusi petugas.
Melarikan diri a.n. Jumadi bin Sakri pada 3 Maret.
Tahanan dengan NIK 7371091505880007 belum vaksin.
Warga binaan Maria Goreti menyulam taplak untuk cendera mata.
""".strip().splitlines()

MUST_NOT = """
Jumlah WBP 320 orang, 45 di antaranya mengikuti pelatihan.
20 peserta rehabilitasi sosial lulus pada gelombang kedua.
Surat nomor W.13.PAS.PAS5-PK.01.05.02-123 tanggal 4 November 2024.
Balasan surat WP.28.PAS.6-HK.01.05-1/3 tanggal 9 Februari 2026 sudah diterima.
Narahubung: Kasi Binadik, telepon 0281-636001 atau 0812-3456-7890.
NIP 198503122008011002 sebagai ketua rombongan.
Ketua rombongan Hadi Prasetyo, NIP 19850312 200801 1 002.
a.n. Kepala Lapas, Kepala Subbagian Tata Usaha.
Surat ditandatangani a.n. Kalapas oleh Plh. Kasi Binadik.
a.n. Kepala Kantor Wilayah, Kepala Divisi Pemasyarakatan.
Anggaran kegiatan Rp1.250.000.000,00 dari DIPA tahun 2024.
Kamis, 28 November 2024 pukul 09.00-12.00 WIB di aula.
Perjanjian Kerja Sama Nomor PAS-12.HM.05.02 Tahun 2024 berlaku tiga tahun.
Nota kesepahaman nomor 119/4501/BAK dan W6.HM.05.04-998 ditandatangani.
Kepala Lapas Purwokerto, Bapak Suharyanto, menerima rombongan.
Kalapas Agus Wibawa menyambut tamu di pintu utama.
Pembimbing kemasyarakatan Rina Marlina memandu diskusi dengan peserta.
Program WBP binaan bidang perikanan menghasilkan 200 kg lele per bulan.
WBP binaan bengkel kayu memproduksi 40 meja belajar.
Warga binaan Lapas Kelas IIA Bogor memproduksi roti untuk koperasi.
Narapidana Rutan Kelas IIB Garut mengikuti pelatihan las.
Tahanan Polres Cilacap dititipkan sementara di rutan.
WBP Nusakambangan membuat kerajinan dari batok kelapa.
Warga binaan perempuan menjahit 100 mukena untuk bantuan.
Narapidana kasus narkotika wajib mengikuti rehabilitasi sosial.
WBP dengan pidana di atas 5 tahun tidak mengikuti tur.
Warga Binaan Pemasyarakatan berhak atas pembinaan sesuai UU 22 Tahun 2022.
Permenkumham 12/2017 tentang rehabilitasi narkotika bagi tahanan dan WBP.
Perpres 21/2023 mengatur hari kerja dan jam kerja.
Kami melihat pola rehabilitasi sosial dengan 120 peserta per gelombang.
Setiap blok memiliki wali pemasyarakatan; satu wali untuk 25 WBP.
Anak binaan LPKA Bandung belajar di kelas filial.
Klien Bapas Yogyakarta mengikuti pelatihan barista dua kali sepekan.
Klien pemasyarakatan wajib lapor sebulan sekali.
Mantan narapidana dilibatkan sebagai mentor tanpa menyebut nama.
Nama WBP tidak dicantumkan dalam laporan.
Daftar nama WBP disimpan di SDP dan tidak dibawa.
Nama narapidana dirahasiakan sesuai ketentuan.
Sertifikat BNSP nomor registrasi 0012/BNSP/2024 diterima 30 peserta pelatihan.
Nomor register barang 45/2023 sudah dicatat di BMN.
Nomor registrasi kendaraan AB 1234 CD sudah dikirim ke pengamanan.
No. Reg. sertifikat halal 33110004560323 berlaku sampai 2027.
Nomor register surat masuk 1123/2024 tertanggal 5 Mei.
Kebun seluas 2.500 m2 menghasilkan 123.557 kg pada 15 Januari 2026.
Penata Tk. I (III/d) dan Pembina (IV/a) ikut dalam rombongan.
Rombongan: 1 kepala, 2 kepala seksi, 1 kepala subseksi, 6 staf.
Blok A dan Blok B II dikunjungi pukul 10.00.
Lampiran B.II memuat jadwal; lampiran A.III memuat anggaran.
Bab A.II halaman 12 menjelaskan alur rehabilitasi.
Rekening koperasi 1234567890123456 atas nama Koperasi Pengayoman.
Nomor resi 9912345678901234 untuk kiriman bibit.
Kode batang 8991002101234567 tertera pada kemasan roti.
Kartu perbendaharaan 0012 3456 7890 1234 dilampirkan.
Virtual account 8808 0812 3456 7890 untuk simpanan anggota koperasi.
Petugas atas nama Rudi Hartono ditunjuk sebagai pemandu tamu.
Undangan atas nama Kepala Rutan Purbalingga sudah dikirim.
Surat tugas a.n. Dewi Kartika, Kasubsi Bimkemas, terlampir.
SPPD a.n. Hendra Gunawan, S.H. dan dua staf sudah terbit.
Mohon konfirmasi a.n. Ibu Ratna, staf kepegawaian.
Narasumber: Dr. Bambang Wijaya, M.Si. dari universitas.
Penyuluh agama H. Anwar bin Saleh mengisi ceramah.
Masjid Umar bin Khattab di dalam lapas direnovasi.
Pondok pesantren Khalid bin Walid menjadi mitra pembinaan.
Kelompok tani WBP bernama Mekar Jaya memanen cabai.
Produk warga binaan bernama Batik Lentera laku di pameran.
Band WBP dengan nama Suara Harapan tampil di aula.
Program asimilasi diikuti 14 orang, bebas bersyarat 6 orang.
Remisi umum diberikan kepada 210 narapidana.
Sidang TPP dilaksanakan setiap Rabu pukul 13.00.
Usulan PB dan CB dikirim paling lambat tanggal 25.
Pemindahan 40 WBP ke lapas lain selesai pada Maret.
Kasus HIV turun dari 12 menjadi 4 setelah skrining rutin.
Kasus TB paru di klinik ditangani dua perawat.
Studi kasus: bagaimana menata dapur sehat untuk 600 orang.
Perkara banding dan kasasi tidak menjadi bahan diskusi.
Vonis bukan urusan kami; yang kami bahas pembinaan.
WBP Kristen beribadah tiap Minggu, WBP Muslim tiap Jumat.
WBP WNA mendapat kelas bahasa Indonesia.
Warga binaan Papua menampilkan tarian daerah.
Narapidana Indonesia di luar negeri bukan bahasan kunjungan ini.
Tahanan Kejaksaan Negeri Banyumas dan tahanan Pengadilan dipisah bloknya.
Napi teroris ditempatkan di blok khusus dan tidak ditemui tamu.
Residen menjalani fase primary selama tiga bulan.
Residivis mendapat kelas konseling tambahan.
Kelas musik dipandu Andi, guru honorer dari SMK.
Pelatih barista Yoga dari kafe mitra hadir tiap Selasa.
Bapak Slamet dari dinas pertanian memberi 500 bibit cabai.
Kepala seksi Wahyu Nugroho dan stafnya menunjukkan gudang.
Menurut Kalapas Andi Wirawan, warga binaan antusias mengikuti kelas.
Kami mencontoh bengkel las: 12 mesin, 18 warga binaan, 2 instruktur.
Instruktur bersertifikat Sdr. Joko Triyono melatih petugas kami.
Kerja sama dengan PT Mitra Boga, direktur Ibu Linda Kusuma.
Kontak mitra: linda@mitraboga.example, 021-5551234.
Petugas membawa KTP dan surat tugas saat masuk.
Tamu menyerahkan kartu identitas (KTP/SIM) di pos.
Panen raya 15 aksi program dihadiri Kakanwil dan Forkopimda.
Inmates bake 300 loaves of bread a day.
The unit has 20 participants in its rehabilitation programme.
We will send two officers named by the head of the unit.
Dalam 30 hari kerja: susun SOP rehabilitasi dan latih 6 petugas.
""".strip().splitlines()

HARD_WARN = """
Tadi bertemu tahanan baru namanya Joni, masih muda sekali.
WBP yang memandu kami adalah Pak Sukirman dari blok melati.
Napi kasus narkoba Rendi Saputra tampil bernyanyi.
Mohon disiapkan kursi roda untuk WBP lansia a.n. Mbah Karso.
Tolong foto WBP no reg B.I.77/2023 dihapus dari laporan.
Register B.IIa/12/2025 ikut kelas menjahit.
Usulan remisi tambahan untuk Sukarman bin Darto (B.I 88/2020).
Narapidana a/n: HERU SUSANTO BIN PARMAN
KASUS A.N. BUDI SANTOSO BELUM SELESAI
WBP ATAS NAMA SITI AMINAH LULUS PAKET C
NIK: 33 03 12 150490 0002
Napi Siti ikut membatik.
Wawancara dengan narapidana Supriyanto menghasilkan data yang baik.
Anak binaan Rian dan Bagas menjadi petugas upacara.
Tahanan titipan Kejari an. Wawan Hermawan sakit.
Klien a.n. Fitri, wajib lapor tiap Kamis
Ahli bekam adalah warga binaan, namanya Ust. Zainal.
Ketua kelompok musik: Deni (WBP blok C).
Inmate John Doe, no. 123, baked the bread.
Dua narapidana, Slamet dan Yanto, menjadi pemuka.
Narapidana (Hendro, 41 tahun) menceritakan masa lalunya.
WBP berinisial S.W. mengikuti ujian.
Tahanan 3174054507900012 dipanggil untuk sidang.
Mantan napi teroris Abu Hasan menjadi penceramah.
Terpidana seumur hidup Yusuf melatih angklung.
""".strip().splitlines()

HARD_NOT = """
Warga binaan dilatih oleh Sdr. Joko Triyono dari BLK.
Tahanan dipandu petugas bernama Rina menuju aula.
WBP mendengarkan ceramah Ustaz Hamid dari Kemenag.
Warga binaan didampingi Kalapas Andi Wirawan.
Narapidana dibina bersama Yayasan Bina Insan.
Kelas bahasa untuk WBP diajar Maria, relawan dari gereja.
Warga binaan menerima kunjungan Bupati Suryadi.
Kegiatan diikuti 30 WBP dan dibuka Kakanwil Budi Hartono.
Surat a.n. Direktur Jenderal Pemasyarakatan nomor PAS-12/2024.
Kwitansi atas nama CV Maju Jaya.
Nomor rekening atas nama Yayasan Pelita.
Data WBP per 1 Oktober 2024: 412 orang, kapasitas 250.
WBP Lapas Narkotika Cipinang memproduksi tahu.
Tahanan Titipan dan Narapidana dipisahkan bloknya.
Program "WBP Berkarya" diluncurkan.
Perjanjian No. B.12/2024 antara lapas dan dinas.
Surat B/123/IV/2024 dari polres perihal pengamanan.
Jalan A.I. Nasution nomor 12 adalah alamat kantor.
Warga binaan Konghucu beribadah di ruang serbaguna.
Petugas Budi Santoso menangani warga binaan lansia.
Kami belajar SOP penempatan narapidana kategori risiko tinggi.
WBP putra dan putri dipisah.
Lapas Kelas IIA Kendari, kapasitas 600, isi 850.
Nama petugas: Andi Saputra, NIP 199001012015031002.
Kami mengundang Kasi Giatja Dewi Lestari dan 3 staf.
""".strip().splitlines()
